import { Refusal } from '../errors.ts';

type Limits = {
  /** Tasks that run at once. */
  concurrency: number;
  /** Tasks that may wait; one more is refused at once. */
  queueLimit: number;
  /** Longest wait in milliseconds; then the task is refused. */
  maxWaitMs: number;
};

type Waiting = { start: () => void };

/**
 * First come, first served, with a bounded queue and a bounded wait: under a flood the surplus is
 * refused quickly instead of everyone being served too late. A task whose signal is aborted while
 * it waits (the client has gone) never runs.
 */
export function createAdmission({ concurrency, queueLimit, maxWaitMs }: Limits) {
  const queue = new Set<Waiting>();
  let running = 0;

  const overloaded = () => new Refusal({ code: 'unavailable', retryAfterSeconds: 1 });

  function enter(signal: AbortSignal | undefined): Promise<void> {
    if (running < concurrency) {
      running++;
      return Promise.resolve();
    }
    if (queue.size >= queueLimit) return Promise.reject(overloaded());
    return new Promise((resolve, reject) => {
      const leave = () => {
        queue.delete(waiting);
        clearTimeout(timer);
        signal?.removeEventListener('abort', giveUp);
      };
      const giveUp = () => {
        leave();
        reject(overloaded());
      };
      const waiting: Waiting = {
        start: () => {
          leave();
          resolve();
        },
      };
      const timer = setTimeout(giveUp, maxWaitMs);
      signal?.addEventListener('abort', giveUp, { once: true });
      queue.add(waiting);
    });
  }

  // The slot passes straight to the next in line, so a newcomer cannot overtake the queue.
  function exit(): void {
    const [next] = queue;
    if (next) next.start();
    else running--;
  }

  return {
    /** @throws {Refusal} `unavailable` when the queue is full, the wait too long or the client gone */
    async run<T>(task: () => Promise<T>, signal?: AbortSignal): Promise<T> {
      if (signal?.aborted) throw overloaded();
      await enter(signal);
      try {
        return await task();
      } finally {
        exit();
      }
    },
  };
}
