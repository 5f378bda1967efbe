import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Done, Job } from './hash-job.ts';

export type HashThread = {
  /** Jobs are done in their order. @throws when the thread dies before it is done */
  run(job: Job): Promise<Done>;
  /** Rejects what it has not done. A hash cannot be interrupted: the thread ends after it. */
  stop(): void;
};

const ENTRY = new URL(`./hash-worker${extname(import.meta.filename)}`, import.meta.url);
// V8's share of a thread's memory; a hash works outside it.
const HEAP_MIB = 16;

/**
 * A thread that starts with its first job and is restarted by the first job after its death. While
 * idle it keeps no process alive.
 */
export function createHashThread(): HashThread {
  let worker: Worker | undefined;
  let pending: PromiseWithResolvers<Done>[] = [];
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
      rejectAll(error);
    };
    started.on('message', (done: Done) => {
      pending.shift()?.resolve(done);
      if (pending.length === 0) started.unref();
    });
    started.on('error', lose);
    started.on('exit', (code) => lose(new Error(`a hashing thread ended with code ${code}`)));
    return started;
  }

  function rejectAll(error: unknown): void {
    const lost = pending;
    pending = [];
    for (const each of lost) each.reject(error);
  }

  return {
    async run(job) {
      if (isStopped) throw new Error('hashing has stopped');
      const asked = Promise.withResolvers<Done>();
      pending.push(asked);
      worker ??= start();
      worker.ref();
      worker.postMessage(job);
      return asked.promise;
    },
    stop() {
      isStopped = true;
      const stopped = worker;
      worker = undefined;
      rejectAll(new Error('hashing has stopped'));
      stopped?.terminate();
    },
  };
}
