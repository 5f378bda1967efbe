/** The only owner of the `users` table. */
import type { PublicId } from '../config/public-id.ts';
import type { Database, Numbering, Tx } from '../database/database.ts';
import { named } from '../database/statement.ts';
import { COLUMNS, toAccount } from './account-row.ts';
import { addressStatements, nameContains } from './address-store.ts';
import { administratorStatements } from './administrator-store.ts';
import { createArrivalStatements } from './arrival-store.ts';
import { claimsStatements } from './claims-store.ts';
import { createAccountCounts } from './count-store.ts';
import type { Email } from './email.ts';
import { createSortedPages } from './sorted-pages.ts';
import { standingStatements } from './standing-store.ts';
import type { Account, Page } from './user.ts';
import type { Username } from './username.ts';
import { usernameStatements } from './username-store.ts';

type NewAccount = {
  readonly uuid: string | undefined;
  readonly email: Email;
  readonly username: Username | undefined;
  readonly passwordHash: string | undefined;
  /** Epoch milliseconds. */
  readonly now: number;
  /** The address must still be verified; until then the account may be registered anew. */
  readonly awaitsProof: boolean;
};

export type UserStore = ReturnType<typeof createUserStore>;

export function createUserStore({ db, prepare, raiseLastIds }: Database & Numbering) {
  const select = db.selectFrom('users').select(COLUMNS);
  const byId = named(prepare, (p: { id: number }) => select.where('id', '=', p.id));
  const byEmail = named(prepare, (p: { canonical: string }) =>
    select.where('email_canonical', '=', p.canonical),
  );
  const byUsername = named(prepare, (p: { canonical: string }) =>
    select.where('username_canonical', '=', p.canonical),
  );
  const byUuid = named(prepare, (p: { uuid: string }) => select.where('uuid', '=', p.uuid));
  const recordLogin = named(
    prepare,
    (p: { id: number; now: number; hash: string; checkedHash: string }) =>
      db
        .updateTable('users')
        .set({ last_login_at: p.now, password_hash: p.hash })
        .where('id', '=', p.id)
        .where('is_active', '=', 1)
        .where('password_hash', '=', p.checkedHash)
        .returning('id'),
  );

  return {
    ...addressStatements,
    ...administratorStatements,
    ...claimsStatements,
    ...standingStatements,
    ...usernameStatements,
    ...createArrivalStatements(db),

    async findById(id: number): Promise<Account | undefined> {
      const row = await byId.read({ id });
      return row && toAccount(row);
    },

    /** An integer names only an account that has no UUID in its place. */
    async findByPublicId(id: PublicId): Promise<Account | undefined> {
      const row =
        typeof id === 'string' ? await byUuid.read({ uuid: id }) : await byId.read({ id });
      return row && (row.uuid ?? row.id) === id ? toAccount(row) : undefined;
    },

    async findByCanonicalEmail(canonical: string): Promise<Account | undefined> {
      const row = await byEmail.read({ canonical });
      return row && toAccount(row);
    },

    async findByUsername(canonical: string): Promise<Account | undefined> {
      const row = await byUsername.read({ canonical });
      return row && toAccount(row);
    },

    /** `undefined` when the address or the username is taken. */
    async insert(tx: Tx, { uuid, email, username, passwordHash, now, awaitsProof }: NewAccount) {
      const row = await tx.db
        .insertInto('users')
        .values({
          uuid: uuid ?? null,
          email: email.typed,
          email_canonical: email.canonical,
          username: username?.typed ?? null,
          username_canonical: username?.canonical ?? null,
          password_hash: passwordHash ?? null,
          is_active: 1,
          created_at: now,
          last_login_at: null,
          awaits_proof: awaitsProof ? 1 : 0,
        })
        .onConflict((conflict) => conflict.doNothing())
        .returning(COLUMNS)
        .executeTakeFirst();
      return row && toAccount(row);
    },

    /**
     * Writes a login, unless the account was disabled, deleted or given another password while
     * `checkedHash` was being compared.
     *
     * @returns whether it was written
     */
    async recordLogin(
      tx: Tx,
      id: number,
      now: number,
      checkedHash: string,
      newHash: string | undefined,
    ): Promise<boolean> {
      const hash = newHash ?? checkedHash;
      const row = await recordLogin.within(tx, { id, now, hash, checkedHash });
      return row !== undefined;
    },

    /** From now on new accounts get ids above this one. */
    raiseLastId: (tx: Tx, id: number): Promise<void> => raiseLastIds(tx, { users: id }),

    async remove(tx: Tx, id: number): Promise<void> {
      await tx.db.deleteFrom('users').where('id', '=', id).execute();
    },

    sortedPlaces: createSortedPages(db),

    counts: createAccountCounts(db),

    async countAll(tx: Tx): Promise<number> {
      const { count } = await tx.db
        .selectFrom('users')
        .select((is) => is.fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow();
      return Number(count);
    },

    /** The accounts that still exist, in the order of the ids. */
    async findMany(ids: readonly number[]): Promise<Account[]> {
      if (ids.length === 0) return [];
      const rows = await select.where('id', 'in', ids).execute();
      const byIds = new Map(rows.map((row) => [row.id, toAccount(row)]));
      return ids.flatMap((id) => byIds.get(id) ?? []);
    },

    async page({ search, status, after, size }: Page, tx?: Tx): Promise<Account[]> {
      let page = (tx?.db ?? db)
        .selectFrom('users')
        .select(COLUMNS)
        .where('id', '>', after)
        .orderBy('id')
        .limit(size);
      if (search !== undefined) page = page.where(nameContains(search));
      if (status === 'unverified') page = page.where('email_verified_at', 'is', null);
      else if (status !== undefined)
        page = page.where('is_active', '=', status === 'active' ? 1 : 0);
      return (await page.execute()).map(toAccount);
    },
  };
}
