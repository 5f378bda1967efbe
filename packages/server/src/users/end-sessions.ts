import type { Origin } from '../audit/event.ts';
import type { Tx } from '../database/database.ts';

/**
 * Ends a user's sessions, all or all but one, in the transaction of the change that requires it, and
 * voids sessionless tokens issued before `issuedBefore` (epoch seconds). The returned function is
 * called after the commit; then all are over.
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
 * Ends an account's access beside its sessions: sessionless tokens issued before `issuedBefore`
 * (epoch seconds), logins as an administrator and tokens of known devices. Locks the account.
 */
export type EndBeside = (tx: Tx, userId: number, issuedBefore: number) => Promise<void>;

/** Deletes the sessions of a user who is being deleted, a bounded number in a transaction. */
export type ForgetSessions = {
  /** @returns whether none is left */
  readonly some: (tx: Tx, userId: number, by: Origin) => Promise<boolean>;
  /** Calls `last` in the transaction that deletes the last of them. */
  readonly all: (userId: number, by: Origin, last: (tx: Tx) => Promise<void>) => Promise<void>;
};
