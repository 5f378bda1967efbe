import type { Origin } from '../audit/event.ts';
import type { Tx } from '../database/database.ts';

/**
 * Ends a user's sessions in the transaction of the change that demands it, all or all but one, and
 * voids sessionless tokens issued before `issuedBefore` (epoch seconds). The returned function is
 * called after the commit: all are over then, and it resolves when their rows say so too.
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

/** Deletes some of a user's sessions that have ended. @returns whether none is left */
export type ForgetSessions = (tx: Tx, userId: number) => Promise<boolean>;
