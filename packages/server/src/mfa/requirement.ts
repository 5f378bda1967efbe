import type { Clock } from '../clock.ts';
import type { Transaction } from '../database/database.ts';
import type { User } from '../users/user.ts';
import type { FactorStore } from './store.ts';

export type Requirement = ReturnType<typeof createRequirement>;

type Deps = {
  readonly store: FactorStore;
  readonly transaction: Transaction;
  readonly clock: Clock;
  readonly isRequired: boolean;
  /** Milliseconds. */
  readonly grace: number;
};

/**
 * Whether an account must have a second factor: after a grace period from its creation, or from
 * when factors became required.
 */
export function createRequirement({ store, transaction, clock, isRequired, grace }: Deps) {
  let since = 0;
  return {
    /** Before a node serves: since when factors are required, for all nodes of the database. */
    async noteRequirement(): Promise<void> {
      since = await transaction((tx) => store.noteRequired(tx, isRequired ? clock.now() : null));
    },

    /** When the account can no longer log in without a factor, epoch milliseconds; `undefined` = always can. */
    requiredFrom: ({ createdAt }: User): number | undefined =>
      isRequired ? Math.max(createdAt, since) + grace : undefined,
  };
}
