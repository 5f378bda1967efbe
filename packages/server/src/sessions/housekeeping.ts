/**
 * Work on many rows in the background: one task after another, in steps of a few rows with pauses in
 * between. Without a server (the command line) the caller waits, and there are no pauses.
 */
import { setTimeout as sleep } from 'node:timers/promises';

export type Housekeeping = ReturnType<typeof createHousekeeping>;

type Pace = { readonly rows: number; readonly rest: number; readonly atLeastMs: number };
/** A step takes some 5 ms, mostly for the disk, and is followed by a pause four times as long. */
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
      // A timer that keeps the process alive: the command line has nothing else that does.
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
      // A stopping process closes its database without waiting for this task.
      await task().catch((error) => isStopped || onError(error));
    }
    isWorking = false;
  }

  return {
    inSteps,

    /**
     * Runs the task in the background if there is a server. A task that is already waiting is not
     * added again.
     */
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
