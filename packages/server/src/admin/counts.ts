/** The numbers of accounts and open sessions. Counting reads them all, so requests share a result. */
import { setImmediate as turn } from 'node:timers/promises';
import { type Clock, systemTimers, type Timers } from '../clock.ts';
import type { AccountCounts } from '../users/count-store.ts';
import type { Users } from '../users/users.ts';

/** Counts are kept this long, or PATIENCE times as long as the counting took. */
const FRESH_MS = 5000;
/** So counting takes at most a hundredth of a processor. */
const PATIENCE = 100;

type Deps = {
  readonly users: Pick<Users, 'counts'>;
  readonly countOpenSessions: () => AsyncIterable<number>;
  readonly clock: Clock;
  readonly timers?: Timers | undefined;
};

export type Counts = {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly accounts: AccountCounts;
  readonly openSessions: number;
};

/** Requests that come while accounts are counted share the result. */
export function createCounts({ users, countOpenSessions, clock, timers = systemTimers }: Deps) {
  let counting: Promise<Counts> | undefined;
  let freshUntil = Number.NEGATIVE_INFINITY;

  async function count(): Promise<Counts> {
    const since = timers.elapsed();
    const at = clock.now();
    let accounts: AccountCounts | undefined;
    for await (const sum of users.counts()) {
      accounts = sum;
      await turn();
    }
    let openSessions = 0;
    for await (const some of countOpenSessions()) {
      openSessions += some;
      await turn();
    }
    if (!accounts) throw new Error('Accounts were not counted');
    const took = timers.elapsed() - since;
    freshUntil = at + Math.max(FRESH_MS, took * PATIENCE);
    return { at, accounts, openSessions: Math.max(0, openSessions) };
  }

  return async (): Promise<Counts> => {
    if (counting && clock.now() < freshUntil) return counting;
    freshUntil = Number.POSITIVE_INFINITY;
    counting = count().catch((error) => {
      counting = undefined;
      throw error;
    });
    return counting;
  };
}
