import type { Tx } from '../database/group-commit.ts';
import type { UserStore } from './store.ts';
import type { Arrival } from './user.ts';

export type Arrivals = ReturnType<typeof createArrivals>;

// Nine values a row: below SQLite's 32,766 and PostgreSQL's 65,535 parameters of a statement.
const BATCH = 500;

/** Accounts from elsewhere: who of them is here already, and how they are let in. */
export function createArrivals(store: UserStore) {
  return {
    /** The accounts that have one of these ids or addresses. */
    async present(arrivals: readonly Arrival[]): Promise<{ id: number; canonical: string }[]> {
      const found: { id: number; canonical: string }[] = [];
      for (const batch of batches(arrivals)) {
        const ids = batch.flatMap(({ id }) => id ?? []);
        const canonicals = batch.map(({ email }) => email.canonical);
        found.push(...(await store.findAny(ids, canonicals)));
      }
      return found;
    },

    /** @param onProgress told how many are written so far, of a transaction that may still fail */
    async admit(
      tx: Tx,
      arrivals: readonly Arrival[],
      onProgress: (count: number) => void,
    ): Promise<void> {
      let count = 0;
      for (const batch of batches(arrivals)) {
        await store.insertMany(tx, batch);
        count += batch.length;
        onProgress(count);
      }
    },
  };
}

function* batches<T>(all: readonly T[]): Generator<readonly T[]> {
  for (let i = 0; i < all.length; i += BATCH) yield all.slice(i, i + BATCH);
}
