/**
 * Work on many rows that no request waits for: one task after the other, in steps of a few rows, and
 * most of the time at rest. Without a server (the command line) the caller waits, and nothing rests.
 */
import { setTimeout as sleep } from 'node:timers/promises';

export type Housekeeping = ReturnType<typeof createHousekeeping>;

type Pace = { readonly rows: number; readonly rest: number; readonly atLeastMs: number };
/** A step takes some 5 ms, most of it for the disk, and is followed by four times as much of rest. */
const BESIDE_REQUESTS: Pace = { rows: 50, rest: 4, atLeastMs: 10 };
/** For a request that waits for the last step. */
const AWAITED: Pace = { rows: 200, rest: 1, atLeastMs: 1 };
const ALONE: Pace = { rows: 200, rest: 0, atLeastMs: 1 };
const LONGEST_REST_MS = 1000;

/** @param step works on up to so many rows; resolves to whether it was the last */
export type Step = (rows: number) => Promise<boolean>;

export function createHousekeeping(onError: (error: unknown) => void) {
  const tasks = new Map<string, () => Promise<void>>();
  let isServing = false;
  let isStopped = false;
  let isWorking = false;

  /** @param isAwaited by a request. @throws when the process stops in between */
  async function inSteps(step: Step, isAwaited = false): Promise<void> {
    const serving = isAwaited ? AWAITED : BESIDE_REQUESTS;
    const { rows, rest, atLeastMs } = isServing ? serving : ALONE;
    for (;;) {
      const since = performance.now();
      if (await step(rows)) return;
      const took = performance.now() - since;
      // Not a timer that lets the process go: the command line has nothing else to keep it.
      await sleep(Math.min(LONGEST_REST_MS, Math.max(atLeastMs, rest * took)));
      if (isStopped) throw new Error('The process stops');
    }
  }

  async function work(): Promise<void> {
    if (isWorking) return;
    isWorking = true;
    for (const [key, task] of tasks) {
      if (isStopped) break;
      tasks.delete(key);
      // A process that stops closes its database, whatever is going on here.
      await task().catch((error) => isStopped || onError(error));
    }
    isWorking = false;
  }

  return {
    inSteps,

    /** Has it done beside requests, where there are any; once, however often it is asked for. */
    async take(key: string, task: () => Promise<void>): Promise<void> {
      if (!isServing) return task();
      tasks.set(key, task);
      setImmediate(work);
    },

    background: {
      start(): void {
        isServing = true;
        isStopped = false;
      },
      stop(): void {
        isStopped = true;
      },
    },
  };
}
