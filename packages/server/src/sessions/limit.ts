/**
 * The cap on open sessions of an account: one more login ends the one unused for longest. An account
 * that has far more, from before there was a cap, is brought under it beside requests.
 */
import type { Origin } from '../audit/event.ts';
import { type Clock, systemTimers, type Timers } from '../clock.ts';
import type { Transaction, Tx } from '../database/database.ts';
import type { AccountStore, Ended, Series } from './account-store.ts';
import { type Ends, PORTION } from './ends.ts';
import type { OpenStore } from './open-store.ts';

export type SessionLimit = ReturnType<typeof createSessionLimit>;

type Deps = {
  readonly accounts: AccountStore;
  readonly open: OpenStore;
  readonly ends: Ends;
  readonly transaction: Transaction;
  readonly clock: Clock;
  readonly timers?: Timers | undefined;
  /** Open sessions of an account. */
  readonly maxSessions: number;
  readonly onError: (error: unknown) => void;
};

const PAGE = 1000;
const PAUSE_MS = 5;
const BY_THE_CLOCK: Origin = { actor: 'schedule' };

export function createSessionLimit(deps: Deps) {
  const { accounts, open, ends, transaction, clock, maxSessions, onError } = deps;
  const { timers = systemTimers } = deps;
  const crowded = new Set<number>();
  let isWorking = false;
  let isStopped = false;

  // A process that stops closes its database, whatever is going on here.
  const report = (error: unknown) => isStopped || onError(error);
  const pause = () => new Promise<void>((resolve) => timers.after(PAUSE_MS, resolve));

  /** The open sessions that are too many, the ones unused for longest. */
  async function surplusOf(series: Series): Promise<string[]> {
    const surplus: string[] = [];
    let recent: Ended[] = [];
    let after = '';
    for (;;) {
      const { open: page, next } = await open.openAfter(series, after, clock.now(), PAGE);
      const sorted = mostRecentFirst([...recent, ...page]);
      recent = sorted.slice(0, maxSessions);
      for (const { id } of sorted.slice(maxSessions)) surplus.push(id);
      if (next === undefined) return surplus;
      after = next;
      await pause();
    }
  }

  async function trim(userId: number): Promise<void> {
    const series = await transaction((tx) => accounts.seriesOf(tx, userId));
    const surplus = await surplusOf({ userId, series });
    for (let from = 0; from < surplus.length && !isStopped; from += PORTION) {
      const ids = surplus.slice(from, from + PORTION);
      const committed = await transaction((tx) =>
        ends.listed(tx, ids, series, { userId, reason: 'limit', by: BY_THE_CLOCK }),
      );
      committed();
      await pause();
    }
  }

  async function trimAll(): Promise<void> {
    for (const userId of crowded) {
      if (isStopped) return;
      await trim(userId);
      crowded.delete(userId);
    }
  }

  /** One account after the other, so that many do not hold up requests together. */
  function work(): void {
    if (isWorking || isStopped) return;
    isWorking = true;
    trimAll()
      .catch(report)
      .finally(() => {
        isWorking = false;
      });
  }

  function demand(userId: number): void {
    crowded.add(userId);
    timers.after(0, work);
  }

  /** Looks through all accounts once, as a version with a higher cap, or with none, has left them. */
  async function survey(): Promise<void> {
    for (let after = 0; !isStopped; await pause()) {
      const { userIds, next } = await open.crowded(after, maxSessions, maxSessions + PAGE);
      for (const userId of userIds) demand(userId);
      if (next === undefined) return;
      after = next;
    }
  }

  return {
    /** Makes room for a session that has just been opened, within its transaction. */
    async keepTo(tx: Tx, series: Series, opened: string, by: Origin): Promise<void> {
      if ((await open.count(tx, series, maxSessions + 1)) <= maxSessions) return;
      const limit = maxSessions + PORTION;
      const { open: found, next } = await open.openWithin(tx, series, clock.now(), limit);
      if (next !== undefined) return demand(series.userId);
      const others = found.filter(({ id }) => id !== opened);
      const ids = mostRecentFirst(others)
        .slice(maxSessions - 1)
        .map(({ id }) => id);
      if (ids.length === 0) return;
      // Nothing is done after the commit, whose end is not seen here: this process follows the
      // table as the others do.
      await ends.listed(tx, ids, series.series, { userId: series.userId, reason: 'limit', by });
    },

    /** How many sessions a list looks through. */
    listed: maxSessions + PORTION,

    background: {
      start(): void {
        isStopped = false;
        survey().catch(report);
      },
      stop(): void {
        isStopped = true;
      },
    },
  };
}

const mostRecentFirst = (sessions: readonly Ended[]): Ended[] =>
  sessions.toSorted((a, b) => b.lastUsedAt - a.lastUsedAt || (a.id < b.id ? 1 : -1));
