import { type Clock, systemTimers, type Timers } from '../../src/clock.ts';

/** A stop-watch that goes as a test's clock does: its time passes, it does not jump. */
export const timersOf = (clock: Clock): Timers => ({ ...systemTimers, elapsed: clock.now });

/** Timers that a test turns: what is due runs when the test says so, and nothing before. */
export function createTestTimers() {
  let elapsed = 0;
  const waiting = new Map<object, { readonly at: number; work(): unknown }>();
  const timers: Timers = {
    elapsed: () => elapsed,
    after(milliseconds, work) {
      const key = {};
      waiting.set(key, { at: elapsed + milliseconds, work });
      return () => waiting.delete(key);
    },
  };
  const firstBy = (end: number) =>
    [...waiting].filter(([, { at }]) => at <= end).sort(([, a], [, b]) => a.at - b.at)[0];

  return {
    ...timers,
    /** How many wait to run. */
    count: () => waiting.size,
    /** Runs what falls due meanwhile, in its order; resolves when all of it is done. */
    async advance(milliseconds: number): Promise<void> {
      const end = elapsed + milliseconds;
      for (let due = firstBy(end); due; due = firstBy(end)) {
        const [key, { at, work }] = due;
        waiting.delete(key);
        elapsed = at;
        await work();
      }
      elapsed = end;
    },
  };
}
