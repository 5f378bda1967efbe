import type { Refusal } from '../errors.ts';
import { unavailable } from '../errors.ts';
import { createFairQueue, type Lane, type Place, type Requester } from './fair-queue.ts';

export type Limits = {
  /** Tasks that run at once. */
  readonly slots: number;
  /** Tasks given out beyond the slots, so that a thread has its next task at hand. */
  readonly ahead: number;
  /** The most tasks that may wait; fewer while tasks are so slow that the last one would wait in vain. */
  readonly queueLimit: number;
  /** Longest wait in milliseconds; then the task is refused. */
  readonly maxWaitMs: number;
  /** The assumed duration of a task in milliseconds, until some have been measured. */
  readonly expectedTaskMs: number;
};

/**
 * Why a task did not run: the queue was full, it waited too long, its place went to another
 * network, its client had disconnected.
 */
export type RejectionReason = 'full' | 'timeout' | 'displaced' | 'cancelled';

/** Called for every task, for metrics; times in milliseconds. */
export type AdmissionObserver = {
  readonly started?: (waitedMs: number) => void;
  readonly finished?: (tookMs: number) => void;
  readonly rejected?: (reason: RejectionReason) => void;
};

/** The result of a task: how long it ran, in milliseconds. */
type Timed = { readonly ms: number };

type Waiting = Place & {
  readonly start: () => void;
  readonly reject: (reason: RejectionReason) => void;
};

/** The queue drains within a second, so a retry is worthwhile then. */
const RETRY_AFTER_SECONDS = 1;
/** Below the longest wait, because tasks are not all alike. */
const DRAINED_SHARE = 0.75;
const SMOOTHING = 0.1;
/**
 * At least this many may wait, however slow tasks are. Clients that are refused and retry at once
 * would take the processor from the low-priority threads, which would then stay slow.
 */
const SHORTEST_QUEUE = 16;

/**
 * Bounds the number of running and waiting tasks. Lanes and networks take turns; a full queue
 * refuses at once, unless a network with more waiting tasks must make room. The queue holds what
 * the slots can finish within the longest wait. A task whose client disconnects while it waits
 * never runs.
 *
 * @param now monotonic milliseconds
 */
export function createAdmission(
  { slots, ahead, queueLimit, maxWaitMs, expectedTaskMs }: Limits,
  observer: AdmissionObserver = {},
  now: () => number = () => performance.now(),
) {
  const places = slots + ahead;
  const halfOf = (count: number) => Math.max(1, Math.floor(count / 2));
  const queue = createFairQueue<Waiting>();
  const rejected: Record<RejectionReason, number> = {
    full: 0,
    timeout: 0,
    displaced: 0,
    cancelled: 0,
  };
  let running = 0;
  let creating = 0;
  let started = 0;
  let taskMs = expectedTaskMs;

  const mayStart = (lane: Lane) =>
    running < places && (lane !== 'create' || creating < halfOf(places));

  function refusal(reason: RejectionReason): Refusal {
    rejected[reason]++;
    observer.rejected?.(reason);
    return unavailable(RETRY_AFTER_SECONDS);
  }

  function isFull(lane: Lane): boolean {
    const drained = Math.floor((slots * maxWaitMs * DRAINED_SHARE) / taskMs) - ahead;
    const limit = Math.min(queueLimit, Math.max(places, SHORTEST_QUEUE, drained));
    return queue.length() >= limit || (lane === 'create' && queue.length(lane) >= halfOf(limit));
  }

  function begin(lane: Lane, since: number): void {
    running++;
    if (lane === 'create') creating++;
    started++;
    observer.started?.(now() - since);
  }

  function startNext(): void {
    while (running < places) {
      const next = queue.take(mayStart('create') ? undefined : 'create');
      if (!next) return;
      next.start();
    }
  }

  function enter(lane: Lane, { network, signal }: Requester): Promise<void> {
    const since = now();
    if (queue.length() === 0 && mayStart(lane)) {
      begin(lane, since);
      return Promise.resolve();
    }
    if (isFull(lane)) {
      const leaving = queue.toLeaveFor({ network, lane });
      if (!leaving) return Promise.reject(refusal('full'));
      leaving.reject('displaced');
    }
    return new Promise((resolve, rejectWait) => {
      const leave = () => {
        queue.remove(waiting);
        clearTimeout(timer);
        signal?.removeEventListener('abort', cancel);
      };
      const reject = (reason: RejectionReason) => {
        leave();
        rejectWait(refusal(reason));
      };
      const cancel = () => reject('cancelled');
      const waiting: Waiting = {
        network,
        lane,
        reject,
        start: () => {
          leave();
          begin(lane, since);
          resolve();
        },
      };
      const timer = setTimeout(reject, maxWaitMs, 'timeout');
      signal?.addEventListener('abort', cancel, { once: true });
      queue.add(waiting);
      startNext();
    });
  }

  return {
    /** @throws {Refusal} `unavailable` when the task cannot run in time or the client has gone */
    async run<T extends Timed>(
      lane: Lane,
      requester: Requester,
      task: () => Promise<T>,
    ): Promise<T> {
      if (requester.signal?.aborted) throw refusal('cancelled');
      await enter(lane, requester);
      try {
        const done = await task();
        taskMs += (done.ms - taskMs) * SMOOTHING;
        observer.finished?.(done.ms);
        return done;
      } finally {
        running--;
        if (lane === 'create') creating--;
        startNext();
      }
    },

    /** Refuses what `run` would refuse, before other work is done. @throws {Refusal} */
    assertCapacity(lane: Lane, { network }: Requester): void {
      if (queue.length() === 0 && mayStart(lane)) return;
      if (isFull(lane) && !queue.toLeaveFor({ network, lane })) throw refusal('full');
    },

    /** Present numbers, and totals since the start. */
    stats: () => ({
      slots,
      running: Math.min(running, slots),
      waiting: queue.length() + Math.max(0, running - slots),
      started,
      rejected: { ...rejected },
    }),
  };
}
