import type { Origin } from '../audit/event.ts';
import type { Tx } from '../database/database.ts';

/**
 * Ends a user's sessions in the transaction of the change that demands it, all or all but one, and
 * voids sessionless tokens issued before `issuedBefore` (epoch seconds). The returned function is
 * called after the commit: all are over then.
 */
export type EndSessions = (
  tx: Tx,
  userId: number,
  reason:
    | 'password_changed'
    | 'password_reset'
    | 'address_restored'
    | 'user_disabled'
    | 'user_deleted',
  options: {
    readonly except?: string | undefined;
    readonly issuedBefore: number;
    readonly by: Origin;
  },
) => Promise<() => Promise<unknown>>;

/**
 * Ends what lets an account in beside its sessions: sessionless tokens issued before `issuedBefore`
 * (epoch seconds), logins as an administrator, what its devices are known by. Locks the account.
 */
export type EndBeside = (tx: Tx, userId: number, issuedBefore: number) => Promise<void>;

/** Deletes the sessions of a user who is being deleted, a bounded number in a transaction. */
export type ForgetSessions = {
  /** @returns whether none is left */
  readonly some: (tx: Tx, userId: number, by: Origin) => Promise<boolean>;
  /** Calls `last` in the transaction that deletes the last of them. */
  readonly all: (userId: number, by: Origin, last: (tx: Tx) => Promise<void>) => Promise<void>;
};
