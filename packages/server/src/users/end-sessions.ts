import type { Origin } from '../audit/event.ts';
import type { Tx } from '../database/database.ts';

/**
 * Ends a user's sessions in the transaction of the change that demands it, all or all but one, and
 * voids sessionless tokens issued before `issuedBefore` (epoch seconds). The returned function is
 * called after the commit.
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
) => Promise<() => void>;
