/** What work costs, told apart from how busy the machine is. */

const RUNS = 3;
// The system counts in ticks, which a single request does not fill.
const TIMES = 10;

/** Milliseconds of processor time of this thread: of the least of some runs, as one may be disturbed. */
export async function costOf(work: () => unknown, times = TIMES): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let run = 0; run < RUNS; run++) {
    const before = process.threadCpuUsage();
    for (let i = 0; i < times; i++) await work();
    const { user, system } = process.threadCpuUsage(before);
    least = Math.min(least, (user + system) / 1000 / times);
  }
  return least;
}
