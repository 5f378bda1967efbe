import type { Tx } from '../database/database.ts';
import type { Present } from './arrival-store.ts';
import type { UserStore } from './store.ts';
import type { Arrival } from './user.ts';

export type Arrivals = ReturnType<typeof createArrivals>;

// With fourteen values a row, below the parameters of a statement: 32,766 (SQLite), 65,535
// (PostgreSQL).
const BATCH = 500;

/** An id, an address or a username was taken after the accounts were checked. */
export class ArrivalError extends Error {
  override name = 'ArrivalError';
}

/** Accounts from elsewhere: which of them exist already, and inserting the others. */
export function createArrivals(store: UserStore) {
  return {
    /** Existing accounts with an id, an address or a username of these. */
    async present(arrivals: readonly Arrival[]): Promise<Present[]> {
      const found: Present[] = [];
      for (const batch of batches(arrivals)) found.push(...(await store.findAny(batch)));
      return found;
    },

    /** The ids of accounts, by UUID. */
    async idsOf(tx: Tx, uuids: readonly string[]): Promise<ReadonlyMap<string, number>> {
      const ids = new Map<string, number>();
      for (const batch of batches(uuids))
        for (const [uuid, id] of await store.idsOf(tx, batch)) ids.set(uuid, id);
      return ids;
    },

    /**
     * @param idFloor accounts without an id, and all later ones, get ids above it
     * @param onProgress called with how many are written; the transaction may still fail
     * @throws {ArrivalError} when one of them exists by now; then `tx` must not be committed
     */
    async admit(
      tx: Tx,
      arrivals: readonly Arrival[],
      idFloor: number,
      onProgress: (count: number) => void,
    ): Promise<void> {
      let count = 0;
      // First, so that an account without an id does not get the id of another.
      await store.raiseLastId(tx, idFloor);
      for (const some of [arrivals.filter(bringsId), arrivals.filter((each) => !bringsId(each))]) {
        for (const batch of batches(some)) {
          if ((await store.insertMany(tx, batch)) < batch.length)
            throw new ArrivalError(
              'An account with one of the ids, addresses or usernames was made meanwhile, so nothing was imported. Import again.',
            );
          count += batch.length;
          onProgress(count);
        }
      }
    },
  };
}

const bringsId = ({ id }: Arrival) => id !== undefined;

function* batches<T>(all: readonly T[]): Generator<readonly T[]> {
  for (let i = 0; i < all.length; i += BATCH) yield all.slice(i, i + BATCH);
}
