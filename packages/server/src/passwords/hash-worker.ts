/** A hashing thread, from within: one job after the other, after everything else that needs the core. */
import { setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import { perform } from './hash-job.ts';

const LOWEST = 19;

yieldToEverything();
parentPort?.on('message', (job) => parentPort?.postMessage(perform(job)));

function yieldToEverything(): void {
  // Of the calling thread on Linux alone; elsewhere it would be the whole process.
  if (process.platform !== 'linux') return;
  try {
    setPriority(LOWEST);
  } catch {
    // A sandbox may forbid it. Logins at the usual priority are better than none.
  }
}
