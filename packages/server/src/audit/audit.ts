/**
 * The audit log: who did what to which account, from where. Owns the table `audit_events` and the
 * list of events; does not own what happens: whoever changes something records it in the
 * transaction of the change. Failed logins change nothing and are written after their answer, a
 * bounded number of them. Imported by users/, sessions/, app.ts and the CLI.
 */
import { type Clock, systemTimers, type Timers } from '../clock.ts';
import type { Transaction, Tx } from '../database/database.ts';
import type { EventName, NewEvent } from './event.ts';
import type { AuditStore } from './store.ts';

const FLUSH_MS = 1000;
/** Failed logins written one by one: so many at once, then one a second; the rest is counted. */
export const FAILURES_AT_ONCE = 60;
/** How often the counted rest becomes a row. */
export const COUNTED_EVERY_MS = 60_000;

/** What a login that opened nothing is called: refused after a look, or unlooked at. */
export type FailedLogin = 'login.fail' | 'login.throttled';

export type Audit = ReturnType<typeof createAudit>;

type Deps = {
  store: AuditStore;
  transaction: Transaction;
  clock: Clock;
  timers?: Timers | undefined;
  /** Told when failed logins cannot be written; they are kept and tried again. */
  onError: (error: unknown) => void;
  /** Told of every event, the failed logins that are only counted too. */
  onEvent?: ((event: EventName, reason: string | undefined) => void) | undefined;
};

export function createAudit(deps: Deps) {
  const { store, transaction, clock, onError, onEvent, timers = systemTimers } = deps;
  let pending: { at: number; event: NewEvent }[] = [];
  const counted = new Map<FailedLogin, number>();
  let countedSince = 0;
  let allowance = FAILURES_AT_ONCE;
  let refilledAt = clock.now();
  let cancel = () => {};
  let isStopped = false;
  let flushing: Promise<void> | undefined;

  function takeCounted(now: number): void {
    for (const [event, count] of counted)
      pending.push({ at: now, event: { event, by: {}, details: { count } } });
    counted.clear();
  }

  async function write(): Promise<void> {
    const now = clock.now();
    if (now - countedSince >= COUNTED_EVERY_MS) takeCounted(now);
    const rows = pending;
    if (rows.length === 0) return;
    pending = [];
    try {
      await transaction(async (tx) => {
        for (const { at, event } of rows) await store.insert(tx, at, event);
      });
    } catch (error) {
      pending = [...rows, ...pending];
      onError(error);
    }
  }

  const flush = (): Promise<void> => {
    flushing ??= write().finally(() => {
      flushing = undefined;
    });
    return flushing;
  };

  function flushLater(): void {
    cancel = timers.after(FLUSH_MS, async () => {
      await flush();
      if (!isStopped) flushLater();
    });
  }

  return {
    /** Writes an event in the transaction of the change that it tells of. */
    record(tx: Tx, event: NewEvent): Promise<void> {
      onEvent?.(event.event, event.details?.reason);
      return store.insert(tx, clock.now(), event);
    },

    /** Takes note of a failed login; nobody waits, and a flood of them costs memory for a few. */
    failedLogin(event: NewEvent & { event: FailedLogin }): void {
      onEvent?.(event.event, event.details?.reason);
      const now = clock.now();
      allowance = Math.min(FAILURES_AT_ONCE, allowance + Math.max(0, now - refilledAt) / 1000);
      refilledAt = now;
      // What a database that is away keeps waiting is bounded too.
      if (allowance >= 1 && pending.length < FAILURES_AT_ONCE) {
        allowance--;
        pending.push({ at: now, event });
        return;
      }
      if (counted.size === 0) countedSince = now;
      counted.set(event.event, (counted.get(event.event) ?? 0) + 1);
    },

    start: flushLater,

    /** Writes what is waiting. */
    async stop(): Promise<void> {
      isStopped = true;
      cancel();
      await flush();
      takeCounted(clock.now());
      await flush();
    },

    list: store.list,
  };
}
