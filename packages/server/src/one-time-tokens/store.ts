/** The only owner of the `one_time_tokens` table. */

import type { Selectable } from 'kysely';
import type { Database, Tx } from '../database/database.ts';
import { purgeExpired } from '../database/purge.ts';
import type { OneTimeTokensTable } from '../database/tables/one-time-tokens.ts';
import type { Purpose } from './purpose.ts';
import type { TokenRow } from './token.ts';

const COLUMNS = [
  'id',
  'user_id',
  'purpose',
  'address',
  'created_at',
  'expires_at',
  'used_at',
] as const satisfies readonly (keyof OneTimeTokensTable)[];

export type StoredToken = TokenRow & {
  /** Epoch milliseconds; `undefined` = not spent. */
  readonly usedAt: number | undefined;
};

export type OneTimeTokenStore = ReturnType<typeof createOneTimeTokenStore>;

export function createOneTimeTokenStore({ db }: Database) {
  return {
    async insert(tx: Tx, row: Omit<TokenRow, 'id'>): Promise<StoredToken> {
      const { id } = await tx.db
        .insertInto('one_time_tokens')
        .values({
          user_id: row.userId,
          purpose: row.purpose,
          address: row.address,
          created_at: row.createdAt,
          expires_at: row.expiresAt,
          used_at: null,
          attempts: 0,
        })
        .returning('id')
        .executeTakeFirstOrThrow();
      return { ...row, id, usedAt: undefined };
    },

    async find(id: number, tx?: Tx): Promise<StoredToken | undefined> {
      const row = await (tx?.db ?? db)
        .selectFrom('one_time_tokens')
        .select(COLUMNS)
        .where('id', '=', id)
        .executeTakeFirst();
      return row && toToken(row);
    },

    /** The newest token of a user for a purpose, which supersedes the older ones. */
    async newest(userId: number, purpose: Purpose, tx?: Tx): Promise<StoredToken | undefined> {
      const row = await (tx?.db ?? db)
        .selectFrom('one_time_tokens')
        .select(COLUMNS)
        .where('user_id', '=', userId)
        .where('purpose', '=', purpose)
        .orderBy('id', 'desc')
        .limit(1)
        .executeTakeFirst();
      return row && toToken(row);
    },

    /** Spends a token once; of concurrent calls one succeeds. @returns whether this one did */
    async spend(tx: Tx, id: number, now: number): Promise<boolean> {
      const row = await tx.db
        .updateTable('one_time_tokens')
        .set({ used_at: now })
        .where('id', '=', id)
        .where('used_at', 'is', null)
        .where('expires_at', '>', now)
        .returning('id')
        .executeTakeFirst();
      return row !== undefined;
    },

    /** Counts an attempt at a code before it is compared. @returns whether one was left */
    async countAttempt(tx: Tx, id: number, most: number): Promise<boolean> {
      const row = await tx.db
        .updateTable('one_time_tokens')
        .set((eb) => ({ attempts: eb('attempts', '+', 1) }))
        .where('id', '=', id)
        .where('attempts', '<', most)
        .returning('id')
        .executeTakeFirst();
      return row !== undefined;
    },

    /** Ends the unspent tokens of a user, except those of one purpose if it is given. */
    async voidAll(
      tx: Tx,
      userId: number,
      which: { readonly except?: Purpose } = {},
    ): Promise<void> {
      let query = tx.db
        .deleteFrom('one_time_tokens')
        .where('user_id', '=', userId)
        .where('used_at', 'is', null);
      if (which.except) query = query.where('purpose', '!=', which.except);
      await query.execute();
    },

    async voidPurposes(tx: Tx, userId: number, purposes: readonly Purpose[]): Promise<void> {
      await tx.db
        .deleteFrom('one_time_tokens')
        .where('user_id', '=', userId)
        .where('purpose', 'in', purposes)
        .where('used_at', 'is', null)
        .execute();
    },

    async voidLater(tx: Tx, userId: number, purpose: Purpose, id: number): Promise<void> {
      await tx.db
        .deleteFrom('one_time_tokens')
        .where('user_id', '=', userId)
        .where('purpose', '=', purpose)
        .where('used_at', 'is', null)
        .where('id', '>', id)
        .execute();
    },

    /** Deletes every token of a user. */
    async forget(tx: Tx, userId: number): Promise<void> {
      await tx.db.deleteFrom('one_time_tokens').where('user_id', '=', userId).execute();
    },

    /** Deletes all tokens but those of one purpose. */
    async clear(tx: Tx, except: Purpose): Promise<void> {
      await tx.db.deleteFrom('one_time_tokens').where('purpose', '!=', except).execute();
    },

    /** Whether an address is reserved because a change away from it can still be undone. */
    async isReserved(tx: Tx, address: string, now: number, exceptUser = 0): Promise<boolean> {
      const row = await tx.db
        .selectFrom('one_time_tokens')
        .select('id')
        .where('purpose', '=', 'email_undo')
        .where('address', '=', address)
        .where('used_at', 'is', null)
        .where('expires_at', '>', now)
        .where('user_id', '!=', exceptUser)
        .executeTakeFirst();
      return row !== undefined;
    },

    purge: purgeExpired('one_time_tokens', 'id'),
  };
}

const toToken = (
  row: Pick<Selectable<OneTimeTokensTable>, (typeof COLUMNS)[number]>,
): StoredToken => ({
  id: row.id,
  userId: row.user_id,
  purpose: row.purpose,
  address: row.address,
  createdAt: row.created_at,
  expiresAt: row.expires_at,
  usedAt: row.used_at ?? undefined,
});
