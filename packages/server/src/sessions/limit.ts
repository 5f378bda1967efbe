/**
 * The cap on open sessions of an account: one more login ends the least recently used one. An account
 * that has far more, from before there was a cap, is brought under it in the background.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Origin } from '../audit/event.ts';
import type { Clock } from '../clock.ts';
import type { Transaction, Tx } from '../database/database.ts';
import type { AccountStore, Ended, Series } from './account-store.ts';
import { type Ends, PORTION } from './ends.ts';
import type { Housekeeping } from './housekeeping.ts';
import type { OpenStore } from './open-store.ts';

export type SessionLimit = ReturnType<typeof createSessionLimit>;

type Deps = {
  readonly accounts: AccountStore;
  readonly open: OpenStore;
  readonly ends: Ends;
  readonly housekeeping: Housekeeping;
  readonly transaction: Transaction;
  readonly clock: Clock;
  /** Open sessions of an account. */
  readonly maxSessions: number;
  readonly onError: (error: unknown) => void;
};

const PAGE = 1000;
const PAUSE_MS = 5;
const BY_THE_CLOCK: Origin = { actor: 'schedule' };

export function createSessionLimit(deps: Deps) {
  const { accounts, open, ends, housekeeping, transaction, clock, maxSessions, onError } = deps;
  let isStopped = false;
  // A stopping process closes its database without waiting for this work.
  const report = (error: unknown) => isStopped || onError(error);

  /** The least recently used sessions above the cap. */
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
      await sleep(PAUSE_MS, undefined, { ref: false });
    }
  }

  async function trim(userId: number): Promise<void> {
    // `hold` waits for the login that demanded this: before its commit its session is not visible.
    const account = await transaction((tx) => accounts.hold(tx, userId));
    if (!account) return;
    const { series } = account;
    const surplus = await surplusOf({ userId, series });
    const ending = { userId, reason: 'limit', by: BY_THE_CLOCK } as const;
    await housekeeping.inSteps(async (rows) => {
      const ids = surplus.splice(0, rows);
      if (ids.length === 0) return true;
      const committed = await transaction((tx) => ends.listed(tx, ids, series, ending));
      committed();
      return surplus.length === 0;
    });
  }

  /** Runs later, because the caller may be within a transaction. */
  function demand(userId: number): void {
    setImmediate(() => housekeeping.take(`limit of ${userId}`, () => trim(userId)).catch(report));
  }

  /**
   * Looks through all accounts once: a version without a cap, or a killed process, may have left
   * too many sessions.
   */
  async function survey(): Promise<void> {
    for (let after = 0; !isStopped; await sleep(PAUSE_MS, undefined, { ref: false })) {
      const { crowded, left, next } = await open.survey(after, maxSessions, maxSessions + PAGE);
      for (const userId of crowded) demand(userId);
      for (const { userId, series } of left) await ends.finish(userId, series);
      if (next === undefined) return;
      after = next;
    }
  }

  return {
    /** Makes room for a session that has just been opened, within its transaction. */
    async keepTo(tx: Tx, series: Series, opened: string, by: Origin): Promise<void> {
      const { userId } = series;
      const count = await open.count(tx, series, maxSessions + 2);
      if (count <= maxSessions) return;
      // The commit is not visible here, so this process learns of the end by following the table,
      // like the others.
      if (count === maxSessions + 1) {
        const id = await open.leastUsed(tx, series, clock.now(), count);
        if (id !== undefined && id !== opened) await ends.one(tx, { id, userId }, 'limit', by);
        // If the new session is the oldest, the clock was set back.
        if (id !== opened) return;
      }
      const limit = maxSessions + PORTION;
      const { open: found, next } = await open.openWithin(tx, series, clock.now(), limit);
      if (next !== undefined) return demand(userId);
      const candidates = found.filter(({ id }) => id !== opened);
      const ids = mostRecentFirst(candidates)
        .slice(maxSessions - 1)
        .map(({ id }) => id);
      if (ids.length === 0) return;
      await ends.listed(tx, ids, series.series, { userId, reason: 'limit', by });
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
