import type { Transaction, Tx } from '../database/database.ts';
import { isDatabaseUnavailable } from '../database/faults.ts';
import { isRefusal } from '../errors.ts';
import type { Attempt, AttemptOrigin } from './attempt.ts';
import type { CountedBucket, Counters } from './counters.ts';

type Deps = { readonly transaction: Transaction; readonly counters: Pick<Counters, 'takeAllBack'> };

export type AttemptOf = ReturnType<typeof createAttemptOf>;

/** An attempt, counted as a failure until its outcome is reported. */
export function createAttemptOf({ transaction, counters }: Deps) {
  return (
    counted: readonly CountedBucket[],
    { signal }: AttemptOrigin,
    succeed: (tx: Tx, remembers: boolean) => Promise<void>,
    failures?: number,
  ): Attempt => ({
    failures,
    succeed: (tx, remembers = true) =>
      tx ? succeed(tx, remembers) : transaction((own) => succeed(own, remembers)),
    async abandon(error) {
      // A client that disconnects while queued keeps its count; otherwise guessing would be free.
      if (!isUnavailable(error) || signal?.aborted) return;
      // The caller reports `error`; a database that fails here as well adds nothing to it.
      await counters.takeAllBack(counted).catch(() => {});
    },
  });
}

/** Errors with a 503: no capacity, or no database. */
const isUnavailable = (error: unknown) =>
  isRefusal(error, 'unavailable') || isDatabaseUnavailable(error);
