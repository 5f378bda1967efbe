/** What work costs, told apart from how busy the machine is. */

const RUNS = 3;
const TIMES = 10;
// The system counts in ticks of up to 10 ms: a run that fills less than a few of them measures nothing.
const MEASURABLE_MS = 40;
const MOST_TIMES = 2000;

/** Milliseconds of processor time of this thread: of the least of some runs, as one may be disturbed. */
export async function costOf(work: () => unknown, times = TIMES): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let run = 0; run < RUNS; run++) {
    const before = process.threadCpuUsage();
    let count = 0;
    let spent = 0;
    while (count < times || (spent < MEASURABLE_MS && count < MOST_TIMES)) {
      await work();
      count++;
      const { user, system } = process.threadCpuUsage(before);
      spent = (user + system) / 1000;
    }
    least = Math.min(least, spent / count);
  }
  return least;
}
