/** The present harm to the server and its beginning, which decide which responses are excused. */
export type Weather = ReturnType<typeof createWeather>;

type Kind = 'flood' | 'lock' | 'stopped' | 'killed';
type Spell = { readonly kind: Kind; readonly from: number; to: number };

// What began under a fault ends a moment after it: queues run dry, connections are made again.
const AFTER_MS = 2000;

export function createWeather() {
  const spells: Spell[] = [];
  const overlaps = (kinds: readonly Kind[], from: number) =>
    spells.some((spell) => kinds.includes(spell.kind) && spell.to + AFTER_MS >= from);

  return {
    /** Opens a spell; the returned function ends it. */
    begin(kind: Kind): () => void {
      const spell: Spell = { kind, from: performance.now(), to: Number.POSITIVE_INFINITY };
      spells.push(spell);
      return () => {
        spell.to = performance.now();
      };
    },

    /** Whether nothing has been wrong since then. */
    isCalm: (since: number): boolean => !overlaps(['flood', 'lock', 'stopped', 'killed'], since),

    /** Whether a 503 is an honest answer to a request that began then. */
    mayRefuse: (since: number): boolean => overlaps(['flood', 'lock', 'killed'], since),

    /** Whether a connection of then may break. */
    mayBreak: (since: number): boolean => overlaps(['killed'], since),

    /** Whether a worker may have missed since then what others know. */
    stoodStill: (since: number): boolean => overlaps(['stopped'], since),

    /** How many are over. */
    counts(): Record<Kind, number> {
      const counts = { flood: 0, lock: 0, stopped: 0, killed: 0 };
      for (const { kind, to } of spells) if (to < Number.POSITIVE_INFINITY) counts[kind]++;
      return counts;
    },
  };
}
