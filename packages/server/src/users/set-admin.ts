import type { Audit } from '../audit/audit.ts';
import type { Origin } from '../audit/event.ts';
import type { Transaction, Tx } from '../database/database.ts';
import { Refusal } from '../errors.ts';
import { ADDRESS_UNPROVED, LAST_ADMINISTRATOR } from './refusals.ts';
import type { UserStore } from './store.ts';
import type { User } from './user.ts';

type Administrators = Pick<UserStore, 'holdAdministrators' | 'isAdministrator'>;

/** Whether the owner of an account has to prove its address. */
export type Verification = 'off' | 'optional' | 'required';

/** Revokes the API keys that an account created: they end with its administration. */
export type RevokeKeys = (tx: Tx, user: User, by: Origin) => Promise<void>;

type Deps = {
  readonly store: UserStore;
  readonly transaction: Transaction;
  readonly audit: Audit;
  readonly revokeKeys: RevokeKeys;
  readonly verification: Verification;
};

/**
 * For every change that takes an administrator away: there is no default account to get back in with.
 * Two changes at once wait for each other, so they cannot take the last two away.
 *
 * @throws {Refusal} `last_administrator`
 */
export async function keepAnAdministrator(store: Administrators, tx: Tx, id: number) {
  if (!(await store.isAdministrator(tx, id))) return;
  const held = await store.holdAdministrators(tx);
  if (held.length === 1 && held[0] === id) throw new Refusal(LAST_ADMINISTRATOR);
}

/** Grants or revokes administration. */
export const createSetAdmin =
  ({ store, transaction, audit, revokeKeys, verification }: Deps) =>
  /** @throws {Refusal} `last_administrator`, `address_unproved` */
  (user: User, isAdmin: boolean, by: Origin): Promise<void> =>
    transaction(async (tx) => {
      if (isAdmin && verification !== 'off' && user.emailVerifiedAt === undefined)
        throw new Refusal(ADDRESS_UNPROVED);
      if (!isAdmin) await keepAnAdministrator(store, tx, user.id);
      if (!(await store.setAdmin(tx, user.id, isAdmin))) return;
      const event = isAdmin ? 'admin.grant' : 'admin.revoke';
      await audit.record(tx, { event, userId: user.id, by });
      if (!isAdmin) await revokeKeys(tx, user, by);
    });

export const createGrantAdmin =
  ({ store, audit }: Pick<Deps, 'store' | 'audit'>) =>
  async (tx: Tx, userId: number, by: Origin): Promise<void> => {
    if (await store.setAdmin(tx, userId, true))
      await audit.record(tx, { event: 'admin.grant', userId, by });
  };
