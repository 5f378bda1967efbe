import { monitorEventLoopDelay } from 'node:perf_hooks';

/**
 * The longest time in milliseconds that a piece of work held the event loop: the best of five
 * runs, so that a busy machine or a garbage collection is not taken for the work.
 */
export async function longestBlock(work: () => Promise<unknown>): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 5; run++) {
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    await work();
    delay.disable();
    best = Math.min(best, delay.max / 1e6);
  }
  return best;
}
