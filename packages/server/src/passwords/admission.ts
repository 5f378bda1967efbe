import { Refusal } from '../errors.ts';
import { createFairQueue, type Lane, type Requester } from './fair-queue.ts';

export type Limits = {
  /** Tasks that run at once. */
  readonly slots: number;
  /** Tasks given out beyond those, so that whoever runs them has the next one at hand. */
  readonly ahead: number;
  /** Tasks that may wait. */
  readonly queueLimit: number;
  /** Longest wait in milliseconds; then the task is refused. */
  readonly maxWaitMs: number;
  /** How long a task takes in milliseconds, until it has been seen. */
  readonly expectedTaskMs: number;
};

/**
 * Why a task did not run: no room, a wait foreseen to be too long, a wait that became too long, its
 * place given to another network, the client gone, the service stopping.
 */
export type ShedReason = 'full' | 'too_slow' | 'timeout' | 'displaced' | 'cancelled';

/** Told of every task; times in milliseconds. For metrics. */
export type AdmissionObserver = {
  readonly started?: (waitedMs: number) => void;
  readonly finished?: (tookMs: number) => void;
  readonly shed?: (reason: ShedReason) => void;
};

/** What a task tells: how long it took once it ran, in milliseconds. */
export type Timed = { readonly ms: number };

type Waiting = {
  readonly network: string;
  readonly lane: Lane;
  readonly start: () => void;
  readonly refuse: (reason: ShedReason) => void;
};

// A foreseen wait is refused some way below the longest: the foresight is not exact, and a refusal
// after a second of waiting helps nobody.
const FORESEEN_SHARE = 0.8;
const SMOOTHING = 0.1;
// One slow task tells little: another program may have had the core for a moment.
const MOST_AT_ONCE = 4;
// An estimate that refuses gets no news. Clients that come again at once would take the processor
// from the very tasks that could correct it; so each refusal makes it a little more hopeful.
const HOPE = 0.001;

/**
 * Bounds how many tasks run and wait. Networks and lanes take turns; under a flood the surplus is
 * refused at once, not after having waited, because its wait is foreseen. A task whose signal is
 * aborted while it waits (the client has gone) never runs.
 *
 * @param now monotonic milliseconds
 */
export function createAdmission(
  limits: Limits,
  observer: AdmissionObserver = {},
  now: () => number = () => performance.now(),
) {
  const { slots, queueLimit, maxWaitMs } = limits;
  const places = slots + limits.ahead;
  const halfOf = (count: number) => Math.max(1, Math.floor(count / 2));
  const queue = createFairQueue<Waiting>();
  const running = { compare: 0, create: 0 };
  const shed = { full: 0, too_slow: 0, timeout: 0, displaced: 0, cancelled: 0 };
  let started = 0;
  let taskMs = limits.expectedTaskMs;

  const total = (counts: { compare: number; create: number }) => counts.compare + counts.create;
  const queued = () => queue.length('compare') + queue.length('create');
  const mayStart = (lane: Lane) =>
    total(running) < places && (lane === 'compare' || running.create < halfOf(places));

  const isFull = (lane: Lane) =>
    queued() >= queueLimit || (lane === 'create' && queue.length(lane) >= halfOf(queueLimit));

  function refusal(reason: ShedReason): Refusal {
    shed[reason]++;
    observer.shed?.(reason);
    const retryAfterSeconds = Math.max(1, Math.ceil((queued() * taskMs) / slots / 1000));
    if (reason === 'too_slow') taskMs -= taskMs * HOPE;
    return new Refusal({ code: 'unavailable', retryAfterSeconds });
  }

  /** Why a newcomer cannot wait; somebody may have to leave for it. */
  function obstacle(entry: { network: string; lane: Lane }): ShedReason | undefined {
    const ahead = queue.ahead(entry);
    const before = ahead + Math.max(1, total(running) + 1 - slots);
    const foreseen = (before * taskMs) / slots;
    // The time of a task is that of other programs too, and may be over; whose turn comes with the
    // next tasks that end waits and sees. No more than that, or a flood would wait to be refused.
    const isNext = ahead < places;
    if (!isNext && foreseen > maxWaitMs * FORESEEN_SHARE) return 'too_slow';
    return isFull(entry.lane) && !queue.toLeaveFor(entry) ? 'full' : undefined;
  }

  function begin(lane: Lane, since: number): void {
    running[lane]++;
    started++;
    observer.started?.(now() - since);
  }

  function enter(lane: Lane, { network, signal }: Requester): Promise<void> {
    const since = now();
    if (queued() === 0 && mayStart(lane)) {
      begin(lane, since);
      return Promise.resolve();
    }
    const fault = obstacle({ network, lane });
    if (fault) return Promise.reject(refusal(fault));
    makeRoom({ network, lane });
    return new Promise((resolve, reject) => {
      const leave = () => {
        queue.remove(waiting);
        clearTimeout(timer);
        signal?.removeEventListener('abort', cancel);
      };
      const refuse = (reason: ShedReason) => {
        leave();
        reject(refusal(reason));
      };
      const cancel = () => refuse('cancelled');
      const waiting: Waiting = {
        network,
        lane,
        refuse,
        start: () => {
          leave();
          begin(lane, since);
          resolve();
        },
      };
      const timer = setTimeout(refuse, maxWaitMs, 'timeout');
      signal?.addEventListener('abort', cancel, { once: true });
      queue.add(waiting);
      startNext();
    });
  }

  function makeRoom(entry: { network: string; lane: Lane }): void {
    if (isFull(entry.lane)) queue.toLeaveFor(entry)?.refuse('displaced');
  }

  function startNext(): void {
    while (total(running) < places) {
      const next = queue.take(mayStart('create') ? undefined : 'compare');
      if (!next) return;
      next.start();
    }
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
        taskMs += (Math.min(done.ms, MOST_AT_ONCE * taskMs) - taskMs) * SMOOTHING;
        observer.finished?.(done.ms);
        return done;
      } finally {
        running[lane]--;
        startNext();
      }
    },

    /** Refuses what `run` would refuse, before anything else is done for it. @throws {Refusal} */
    assertRoom(lane: Lane, { network }: Requester): void {
      if (queued() === 0 && mayStart(lane)) return;
      const fault = obstacle({ network, lane });
      if (fault) throw refusal(fault);
    },

    /** Now, and since the start. */
    stats: () => ({
      slots,
      running: Math.min(total(running), slots),
      waiting: queued() + Math.max(0, total(running) - slots),
      started,
      shed: { ...shed },
      taskMs,
    }),
  };
}
