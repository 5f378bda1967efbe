/**
 * The numbers of logins, failures and registrations in each hour, for charts. A past hour is counted
 * once, by the first process that needs it; later requests read the sums. The present hour is counted
 * from the audit log on each request.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { type Clock, systemTimers, type Timers } from '../clock.ts';
import type { Transaction } from '../database/database.ts';
import type { BackgroundTask } from '../part.ts';
import { type ActivityStore, type Cursor, HOUR_MS, NONE, type Tally } from './activity-store.ts';

const EVERY_MS = 60_000;
/** A failed login is written up to this long after it happened (audit.ts). */
const LATE_MS = 120_000;
/** Events per statement: some 3 ms, during which SQLite blocks the process. */
const CHUNK = 2000;
/** A step counts whole hours until it reaches one of these numbers. */
const STEP_EVENTS = 20_000;
const STEP_HOURS = 24 * 7;
/** After a step with more to follow, the pause is this many times as long as the step. */
const REST = 9;

export type Activity = ReturnType<typeof createActivity>;

type Deps = {
  readonly store: ActivityStore;
  readonly transaction: Transaction;
  readonly clock: Clock;
  readonly timers?: Timers | undefined;
  /** Milliseconds for which events are kept. */
  readonly retention: number;
  readonly onError: (error: unknown) => void;
};

const hourOf = (at: number): number => at - (at % HOUR_MS);

export function createActivity(deps: Deps) {
  const { store, transaction, clock, timers = systemTimers, retention, onError } = deps;
  let stepping: Promise<boolean> | undefined;
  let cancel = () => {};
  let isStopped = true;

  async function count(hour: number): Promise<{ tally: Tally; events: number }> {
    let tally = NONE;
    let events = 0;
    for (let after: Cursor | undefined = { at: hour, id: -1 }; after; ) {
      const counted = await store.count(tally, after, hour + HOUR_MS, CHUNK);
      tally = counted.tally;
      after = counted.next;
      events += counted.events;
      await turn();
    }
    return { tally, events };
  }

  /** The first hour that has not been counted. */
  async function nextHour(now: number): Promise<number> {
    const kept = hourOf(now - retention);
    const last = await store.lastHour();
    if (last !== undefined && last >= kept) return last + HOUR_MS;
    return hourOf((await store.firstSince(kept)) ?? now);
  }

  const isOver = (hour: number, now: number): boolean => hour + HOUR_MS + LATE_MS <= now;

  /** @returns whether every hour that is over has been counted */
  async function step(): Promise<boolean> {
    const now = clock.now();
    const hours = new Map<number, Tally>();
    let hour = await nextHour(now);
    for (let events = 0; isOver(hour, now); hour += HOUR_MS) {
      if (events >= STEP_EVENTS || hours.size >= STEP_HOURS) break;
      const counted = await count(hour);
      hours.set(hour, counted.tally);
      events += counted.events;
    }
    if (hours.size > 0) await transaction((tx) => store.write(tx, hours));
    return !isOver(hour, now);
  }

  /** One step at a time. */
  const catchUp = (): Promise<boolean> => {
    stepping ??= step().finally(() => {
      stepping = undefined;
    });
    return stepping;
  };

  async function round(): Promise<void> {
    const since = timers.elapsed();
    const isUpToDate = await catchUp().catch((error) => {
      if (!isStopped) onError(error);
      return true;
    });
    schedule(isUpToDate ? EVERY_MS : (timers.elapsed() - since) * REST);
  }

  function schedule(milliseconds: number): void {
    if (!isStopped) cancel = timers.after(milliseconds, round);
  }

  const background: BackgroundTask = {
    start(): void {
      isStopped = false;
      schedule(EVERY_MS);
    },
    async stop(): Promise<void> {
      isStopped = true;
      cancel();
      await stepping?.catch(() => {});
    },
  };

  return {
    background,

    /**
     * The hours from `since` on, in order, the present hour last. The work is bounded: hours that one
     * step did not reach are absent, and `isComplete` is false.
     */
    async since(since: number): Promise<{ hours: Map<number, Tally>; isComplete: boolean }> {
      const isComplete = await catchUp();
      const now = clock.now();
      const hours = await store.read(hourOf(since));
      const first = isComplete ? await nextHour(now) : hourOf(now);
      for (let hour = first; hour <= now; hour += HOUR_MS)
        hours.set(hour, (await count(hour)).tally);
      return { hours, isComplete };
    },
  };
}
