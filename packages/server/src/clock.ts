/** The source of "now". Injected everywhere, so tests freeze time without patching `Date`. */
export type Clock = {
  /** Epoch milliseconds. */
  now(): number;
};

export const systemClock: Clock = { now: () => Date.now() };

/**
 * A clock for memory that is dropped when it expires. It never runs faster than the stopwatch, so a
 * wall clock that jumps ahead expires nothing; a wall clock that is set back sets this one back too.
 */
export function createPatientClock(clock: Clock, { elapsed }: Pick<Timers, 'elapsed'>): Clock {
  let offset = Number.POSITIVE_INFINITY;
  return {
    now() {
      const passed = elapsed();
      offset = Math.min(offset, clock.now() - passed);
      return Math.floor(offset + passed);
    },
  };
}

/** A stopwatch and delayed work. An argument wherever a test must control when work runs. */
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
