import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Done, Job } from './job.ts';

export type HashThread = {
  /** One job at a time. @throws when the thread dies of it */
  run(job: Job): Promise<Done>;
  stop(): Promise<void>;
};

const ENTRY = new URL(`./hash-worker${extname(import.meta.filename)}`, import.meta.url);
// V8's share of a thread's memory; what a hash works in lies outside of it.
const HEAP_MIB = 16;

/**
 * A thread that starts with its first job and is replaced with the first job after its death.
 * While it has nothing to do it keeps no process alive.
 */
export function createHashThread(): HashThread {
  let worker: Worker | undefined;
  let pending: PromiseWithResolvers<Done> | undefined;
  let isStopped = false;

  function start(): Worker {
    const started = new Worker(ENTRY, {
      name: 'passwords',
      env: {},
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MIB },
    });
    const lose = (error: unknown) => {
      if (worker !== started) return;
      worker = undefined;
      settle()?.reject(error);
    };
    started.on('message', (done: Done) => {
      started.unref();
      settle()?.resolve(done);
    });
    started.on('error', lose);
    started.on('exit', (code) => lose(new Error(`a hashing thread ended with code ${code}`)));
    return started;
  }

  function settle() {
    const settled = pending;
    pending = undefined;
    return settled;
  }

  return {
    async run(job) {
      if (isStopped) throw new Error('hashing has stopped');
      pending = Promise.withResolvers();
      const { promise } = pending;
      worker ??= start();
      worker.ref();
      worker.postMessage(job);
      return promise;
    },
    async stop() {
      isStopped = true;
      const stopped = worker;
      worker = undefined;
      settle()?.reject(new Error('hashing has stopped'));
      await stopped?.terminate();
    },
  };
}
