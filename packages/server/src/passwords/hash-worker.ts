/** The inside of a hashing thread: one job after another, at the lowest priority. */
import { setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import { perform } from './hash-job.ts';

const LOWEST = 19;

yieldToEverything();
parentPort?.on('message', (job) => parentPort?.postMessage(perform(job)));

function yieldToEverything(): void {
  // Only on Linux is this the priority of the calling thread; elsewhere it is that of the process.
  if (process.platform !== 'linux') return;
  try {
    setPriority(LOWEST);
  } catch {
    // A sandbox may forbid it; logins at normal priority are better than none.
  }
}
