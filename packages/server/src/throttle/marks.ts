import type { Clock } from '../clock.ts';
import type { Tx } from '../database/database.ts';
import type { AttemptOrigin, Recognised } from './attempt.ts';
import type { Buckets } from './buckets.ts';
import type { Counted, ThrottleStore } from './store.ts';

type Deps = {
  readonly store: ThrottleStore;
  readonly clock: Clock;
  readonly numbers: (tx?: Tx) => Promise<Buckets>;
};

const DAY = 86_400_000;
const KNOWN_MS = 30 * DAY;
/** Longer than any count that it makes void can last. */
const UNLOCKED_MS = 8 * DAY;

/** What is remembered of an account beside counts: the networks it knows, and how often it was unlocked. */
export function createMarks({ store, clock, numbers }: Deps) {
  const hitsOf = (row: Counted | undefined): number =>
    row && row.expiresAt > clock.now() ? row.hits : 0;

  async function write(tx: Tx, number: number, hits: number, keptMs: number): Promise<void> {
    const now = clock.now();
    const seen = await store.find(number, tx);
    // Written by another node at the same moment: then it says the same already.
    await store.put(tx, number, seen, { hits, since: now, expiresAt: now + keptMs });
  }

  return {
    async recognise<O extends AttemptOrigin>(account: string, origin: O): Promise<O & Recognised> {
      const { mark } = await numbers();
      const [known, unlocked] = await store.findAll([
        mark('known', account, origin.network),
        mark('unlocked', account),
      ]);
      return { ...origin, isKnown: hitsOf(known) > 0, unlocks: hitsOf(unlocked) };
    },

    async remember(tx: Tx, account: string, network: string): Promise<void> {
      await write(tx, (await numbers(tx)).mark('known', account, network), 1, KNOWN_MS);
    },

    async unlock(tx: Tx, account: string): Promise<void> {
      const number = (await numbers(tx)).mark('unlocked', account);
      await write(tx, number, hitsOf(await store.find(number, tx)) + 1, UNLOCKED_MS);
    },
  };
}
