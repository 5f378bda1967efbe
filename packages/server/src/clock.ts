/** The source of "now". Injected everywhere, so tests freeze time without patching `Date`. */
export type Clock = {
  /** Epoch milliseconds. */
  now(): number;
};

export const systemClock: Clock = { now: () => Date.now() };

/** A stop-watch and what runs later. An argument wherever a test must decide when that is. */
export type Timers = {
  /** Milliseconds since some moment; never set back. */
  elapsed(): number;
  /** Runs `work` once and keeps no process alive for it. The returned function cancels it. */
  after(milliseconds: number, work: () => unknown): () => void;
};

export const systemTimers: Timers = {
  elapsed: () => performance.now(),
  after(milliseconds, work) {
    const timer = setTimeout(work, milliseconds).unref();
    return () => clearTimeout(timer);
  },
};
