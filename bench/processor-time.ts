/** The processor time of another process. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';

/**
 * A clock of the milliseconds that all threads of a process have run, to the microsecond; the time of
 * day where the system does not tell.
 */
export function processorClock(pid: number): () => number {
  const threads = `/proc/${pid}/task`;
  if (!existsSync(`/proc/${pid}/schedstat`)) return () => performance.now();
  return () =>
    readdirSync(threads).reduce((sum, thread) => {
      const [ran = '0'] = readFileSync(`${threads}/${thread}/schedstat`, 'utf8').split(' ');
      return sum + Number(ran) / 1e6;
    }, 0);
}
