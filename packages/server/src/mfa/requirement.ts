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
 * Whether an account must have a second factor. A grace period begins with its creation or, if that
 * was later, when factors became required.
 */
export function createRequirement({ store, transaction, clock, isRequired, grace }: Deps) {
  let since = 0;
  return {
    /** Called before a node serves. All nodes of a database share the time of the requirement. */
    async noteRequirement(): Promise<void> {
      since = await transaction((tx) => store.noteRequired(tx, isRequired ? clock.now() : null));
    },

    /** Epoch milliseconds from which the account needs a factor to log in; `undefined` = never. */
    requiredFrom: ({ createdAt }: User): number | undefined =>
      isRequired ? Math.max(createdAt, since) + grace : undefined,
  };
}
