import type { Audit } from '../audit/audit.ts';
import type { Origin } from '../audit/event.ts';
import type { Clock } from '../clock.ts';
import type { Transaction, Tx } from '../database/database.ts';
import type { EndSessions, ForgetSessions } from './end-sessions.ts';
import { keepAnAdministrator, type RevokeKeys } from './set-admin.ts';
import type { UserStore } from './store.ts';
import type { User } from './user.ts';

/** Deletes what was mailed or is to be mailed to an account. */
export type ForgetMail = (tx: Tx, userId: number) => Promise<void>;

type Deps = {
  readonly store: UserStore;
  readonly transaction: Transaction;
  readonly endSessions: EndSessions;
  readonly forgetSessions: ForgetSessions;
  readonly forgetMail: ForgetMail;
  readonly revokeKeys: RevokeKeys;
  readonly audit: Audit;
  readonly clock: Clock;
};

/**
 * Deletes an account for good. Deleting its row deletes its sessions in the same statement, so many
 * sessions are deleted first, in portions. The account is disabled from the first portion on, and
 * stays disabled if the process is killed before the last.
 */
export function createRemoval(deps: Deps) {
  const { store, transaction, endSessions, forgetSessions, forgetMail, revokeKeys, audit, clock } =
    deps;
  async function removeRow(tx: Tx, id: number): Promise<void> {
    await forgetMail(tx, id);
    await store.remove(tx, id);
  }

  /**
   * @param checkedHash the hash that the user's password was compared with
   * @returns `false` when the account's hash has changed meanwhile
   * @throws {Refusal} `last_administrator`
   */
  return async (user: User, by: Origin, checkedHash?: string): Promise<boolean> => {
    const { id } = user;
    const begun = await transaction(async (tx) => {
      // `iat` counts whole seconds, so tokens issued in this second are void too
      // (docs/decisions/006).
      const issuedBefore = Math.floor(clock.now() / 1000) + 1;
      await keepAnAdministrator(store, tx, id);
      // First, because it waits for a login that another node is writing and refuses later ones.
      if (!(await store.disable(tx, id, issuedBefore, checkedHash))) return undefined;
      await audit.record(tx, { event: 'user.delete', userId: id, by });
      await revokeKeys(tx, user, by);
      const committed = await endSessions(tx, id, 'user_deleted', { issuedBefore, by });
      const isGone = await forgetSessions.some(tx, id, by);
      if (isGone) await removeRow(tx, id);
      return { committed, isGone };
    });
    if (!begun) return false;
    await begun.committed();
    if (!begun.isGone) await forgetSessions.all(id, by, (tx) => removeRow(tx, id));
    return true;
  };
}
