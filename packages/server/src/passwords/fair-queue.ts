/** Who a piece of work is for. */
export type Requester = {
  /** Those of one network share its turn; '' = none, such as the command line. */
  readonly network: string;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal?: AbortSignal;
  /** For the log. */
  readonly requestId?: string;
};

/** What compares a password, and what makes a new one: the second gets at most half. */
export const LANES = ['compare', 'create'] as const;
export type Lane = (typeof LANES)[number];

type Entry = { readonly network: string; readonly lane: Lane };

/**
 * Waiting work. Networks take turns within a lane, and the lanes take turns, so that neither one
 * network with many requests nor a wave of registrations can hold the others up. Pure: no time in it.
 */
export function createFairQueue<E extends Entry>() {
  // The next turn is the first network's; one that had its turn goes to the end.
  const lanes = { compare: new Map<string, E[]>(), create: new Map<string, E[]>() };
  const lengths = { compare: 0, create: 0 };
  let served: Lane = 'create';

  function takeFrom(lane: Lane): E | undefined {
    const [turn] = lanes[lane];
    if (!turn) return undefined;
    const [network, [first, ...rest]] = turn;
    lanes[lane].delete(network);
    if (rest.length > 0) lanes[lane].set(network, rest);
    lengths[lane]--;
    served = lane;
    return first;
  }

  function remove(entry: E): void {
    const { network, lane } = entry;
    const all = lanes[lane].get(network);
    const rest = all?.filter((each) => each !== entry);
    if (!all || !rest || rest.length === all.length) return;
    if (rest.length > 0) lanes[lane].set(network, rest);
    else lanes[lane].delete(network);
    lengths[lane]--;
  }

  const ownLength = ({ network, lane }: Entry) => lanes[lane].get(network)?.length ?? 0;

  return {
    length: (lane: Lane) => lengths[lane],

    add(entry: E): void {
      const own = lanes[entry.lane].get(entry.network);
      if (own) own.push(entry);
      else lanes[entry.lane].set(entry.network, [entry]);
      lengths[entry.lane]++;
    },

    remove,

    /** The next in turn; of one lane only when the other has no share left. */
    take(only?: Lane): E | undefined {
      if (only) return takeFrom(only);
      const next = served === 'compare' ? 'create' : 'compare';
      return takeFrom(next) ?? takeFrom(served);
    },

    /** How many would have their turn before a newcomer. */
    ahead(entry: Entry): number {
      const turns = ownLength(entry) + 1;
      let ahead = turns - 1;
      for (const [network, entries] of lanes[entry.lane])
        if (network !== entry.network) ahead += Math.min(entries.length, turns);
      const other = entry.lane === 'compare' ? 'create' : 'compare';
      return ahead + Math.min(lengths[other], ahead + 1);
    },

    /** Who must leave for a newcomer when there is no room: the newest of the network with most. */
    toLeaveFor(entry: Entry): E | undefined {
      let longest: E[] = [];
      for (const entries of lanes[entry.lane].values())
        if (entries.length > longest.length) longest = entries;
      return longest.length > ownLength(entry) + 1 ? longest.at(-1) : undefined;
    },
  };
}
