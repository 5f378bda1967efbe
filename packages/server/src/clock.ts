/** The source of "now". Injected everywhere, so tests freeze time without patching `Date`. */
export type Clock = {
  /** Epoch milliseconds. */
  now(): number;
};

export const systemClock: Clock = { now: () => Date.now() };
