/** The inside of a hashing thread: one job after another, at a low priority. */
import { parentPort } from 'node:worker_threads';
import { yieldToRequests } from '../priority.ts';
import { perform } from './hash-job.ts';

yieldToRequests();
parentPort?.on('message', (job) => parentPort?.postMessage(perform(job)));
