import type { Audit } from '../audit/audit.ts';
import type { Origin } from '../audit/event.ts';
import type { Transaction, Tx } from '../database/database.ts';
import { Refusal } from '../errors.ts';
import { ADDRESS_UNPROVED, LAST_ADMINISTRATOR } from './refusals.ts';
import type { UserStore } from './store.ts';
import type { User } from './user.ts';

type Administrators = Pick<UserStore, 'holdAdministrators' | 'isAdministrator'>;

/** Whether addresses are verified. */
export type Verification = 'off' | 'optional' | 'required';

/** Revokes the API keys that an account created: they end with its rights as an administrator. */
export type RevokeKeys = (tx: Tx, user: User, by: Origin) => Promise<void>;

type Deps = {
  readonly store: UserStore;
  readonly transaction: Transaction;
  /** Ends the logins of the account at the admin listener. */
  readonly endAdminLogins: (tx: Tx, userId: number) => Promise<void>;
  readonly audit: Audit;
  readonly revokeKeys: RevokeKeys;
  readonly verification: Verification;
};

/**
 * For every change that could remove the last administrator, because there is no default account.
 * Simultaneous changes wait for each other, so they cannot remove the last two.
 *
 * @throws {Refusal} `last_administrator`
 */
export async function keepAnAdministrator(store: Administrators, tx: Tx, id: number) {
  if (!(await store.isAdministrator(tx, id))) return;
  const held = await store.holdAdministrators(tx);
  if (held.length === 1 && held[0] === id) throw new Refusal(LAST_ADMINISTRATOR);
}

/** Makes an account an administrator, or revokes that. */
export const createSetAdmin =
  ({ store, transaction, endAdminLogins, audit, revokeKeys, verification }: Deps) =>
  /** @throws {Refusal} `last_administrator`, `address_unproved` */
  (user: User, isAdmin: boolean, by: Origin): Promise<void> =>
    transaction(async (tx) => {
      if (isAdmin && verification !== 'off' && user.emailVerifiedAt === undefined)
        throw new Refusal(ADDRESS_UNPROVED);
      if (!isAdmin) await keepAnAdministrator(store, tx, user.id);
      if (!(await store.setAdmin(tx, user.id, isAdmin))) return;
      // Also on a grant, so that logins from an earlier grant do not become valid again.
      await endAdminLogins(tx, user.id);
      const event = isAdmin ? 'admin.grant' : 'admin.revoke';
      await audit.record(tx, { event, userId: user.id, by });
      if (!isAdmin) await revokeKeys(tx, user, by);
    });

export const createGrantAdmin =
  ({ store, endAdminLogins, audit }: Pick<Deps, 'store' | 'endAdminLogins' | 'audit'>) =>
  async (tx: Tx, userId: number, by: Origin): Promise<void> => {
    if (!(await store.setAdmin(tx, userId, true))) return;
    await endAdminLogins(tx, userId);
    await audit.record(tx, { event: 'admin.grant', userId, by });
  };
