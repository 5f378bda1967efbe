/**
 * The audit log: who did what to which account, from where. Owns the table `audit_events` and the
 * list of events; does not own what happens: the feature that changes something records it in the
 * transaction of the change. Failed logins change nothing and are written after their response, a
 * bounded number of them. Imported by users/, sessions/, app.ts and the CLI.
 */
import { type Clock, systemTimers, type Timers } from '../clock.ts';
import type { Transaction, Tx } from '../database/database.ts';
import type { EventName, NewEvent } from './event.ts';
import { ALL_ACCOUNTS, createFailureBudget, UNKNOWN } from './failure-budget.ts';
import type { AuditStore } from './store.ts';

const FLUSH_MS = 1000;
/** Failed logins without an account that are written one by one; the rest are counted. */
export const FAILURES_AT_ONCE = UNKNOWN.most;
/** Accounts whose failures are counted separately; the failures of further accounts share one count. */
const MAX_COUNTED = 1000;
/** How often the counted rest becomes a row. */
export const COUNTED_EVERY_MS = 60_000;

/** The events of failed logins: refused after the password was checked, or before. */
export type FailedLogin = 'login.fail' | 'login.throttled';

export type Audit = ReturnType<typeof createAudit>;

type Counted = { readonly event: FailedLogin; readonly userId: number | undefined; count: number };

type Deps = {
  store: AuditStore;
  transaction: Transaction;
  clock: Clock;
  timers?: Timers | undefined;
  /** Called when failed logins cannot be written; they are kept and tried again. */
  onError: (error: unknown) => void;
  /** Called with every event, including failed logins that are only counted. */
  onEvent?: ((event: EventName, reason: string | undefined) => void) | undefined;
};

export function createAudit(deps: Deps) {
  const { store, transaction, clock, onError, onEvent, timers = systemTimers } = deps;
  let pending: { at: number; event: NewEvent }[] = [];
  const counted = new Map<string, Counted>();
  let countedSince = 0;
  const isWithinBudget = createFailureBudget();
  let cancel = () => {};
  let isStopped = false;
  let flushing: Promise<void> | undefined;

  function takeCounted(now: number): void {
    for (const { event, userId, count } of counted.values())
      pending.push({ at: now, event: { event, userId, by: {}, details: { count } } });
    counted.clear();
  }

  /** The number of waiting events is bounded too, for when the database is down. */
  function hasRoom(userId: number | undefined): boolean {
    const isKnown = userId !== undefined;
    const alike = pending.filter(({ event }) => (event.userId !== undefined) === isKnown);
    return alike.length < (isKnown ? ALL_ACCOUNTS : UNKNOWN).most;
  }

  function count({ event, userId: account }: NewEvent & { event: FailedLogin }): void {
    if (counted.size === 0) countedSince = clock.now();
    const own = `${event} ${account}`;
    const isApart = counted.has(own) || counted.size < MAX_COUNTED;
    const [key, userId] = isApart ? [own, account] : [event, undefined];
    const entry = counted.get(key) ?? { event, userId, count: 0 };
    entry.count++;
    counted.set(key, entry);
  }

  async function write(): Promise<void> {
    const now = clock.now();
    // While the database is down, further failures are still counted.
    const hasFailed = pending.length > UNKNOWN.most + ALL_ACCOUNTS.most;
    if (now - countedSince >= COUNTED_EVERY_MS && !hasFailed) takeCounted(now);
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
    /** Writes an event in the transaction of the change that it describes. */
    record(tx: Tx, event: NewEvent): Promise<void> {
      onEvent?.(event.event, event.details?.reason);
      return store.insert(tx, clock.now(), event);
    },

    /** The same for many events of one kind, in few statements. */
    async recordAll(tx: Tx, events: readonly NewEvent[]): Promise<void> {
      for (const { event, details } of events) onEvent?.(event, details?.reason);
      await store.insertAll(tx, clock.now(), events);
    },

    /** Records a failed login without waiting; a flood uses only the memory of a few. */
    failedLogin(event: NewEvent & { event: FailedLogin }): void {
      onEvent?.(event.event, event.details?.reason);
      const now = clock.now();
      if (isWithinBudget(event.userId, now) && hasRoom(event.userId))
        pending.push({ at: now, event });
      else count(event);
    },

    start: flushLater,

    /** Writes the waiting events. */
    async stop(): Promise<void> {
      isStopped = true;
      cancel();
      await flush();
      takeCounted(clock.now());
      await flush();
    },

    list: store.list,
    listOfKind: store.listOfKind,
    after: store.after,
    lastId: store.lastId,
  };
}
