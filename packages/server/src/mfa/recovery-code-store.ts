/** The only owner of the table `recovery_codes`. */
import type { Database, Tx } from '../database/database.ts';
import { KEYED } from './recovery-codes.ts';

export function createRecoveryCodeStore({ db }: Pick<Database, 'db'>) {
  return {
    /** How many recovery codes an account has left. */
    async codesLeft(userId: number, tx?: Tx): Promise<number> {
      const row = await (tx?.db ?? db)
        .selectFrom('recovery_codes')
        .select((eb) => eb.fn.countAll<number>().as('count'))
        .where('user_id', '=', userId)
        .where('used_at', 'is', null)
        .executeTakeFirst();
      return Number(row?.count ?? 0);
    },

    async hasCode(userId: number, hash: string): Promise<boolean> {
      const row = await db
        .selectFrom('recovery_codes')
        .select('hash')
        .where('hash', '=', hash)
        .where('user_id', '=', userId)
        .where('used_at', 'is', null)
        .executeTakeFirst();
      return row !== undefined;
    },

    /** Spends a recovery code. @returns whether this call did */
    async spendCode(tx: Tx, userId: number, hash: string, now: number): Promise<boolean> {
      const row = await tx.db
        .updateTable('recovery_codes')
        .set({ used_at: now })
        .where('hash', '=', hash)
        .where('user_id', '=', userId)
        .where('used_at', 'is', null)
        .returning('hash')
        .executeTakeFirst();
      return row !== undefined;
    },

    /** Adds imported codes to those that an account has. */
    async addCodes(
      tx: Tx,
      codes: readonly { readonly userId: number; readonly hash: string }[],
      now: number,
    ): Promise<void> {
      const rows = codes.map(({ userId, hash }) => ({
        ...{ hash, user_id: userId, created_at: now, used_at: null },
      }));
      await tx.db
        .insertInto('recovery_codes')
        .values(rows)
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    },

    /** The accounts with ids from `first` to `last` that have codes that are used or were made here. */
    async withOtherCodes(tx: Tx, first: number, last: number): Promise<number[]> {
      const rows = await tx.db
        .selectFrom('recovery_codes')
        .select('user_id')
        .distinct()
        .where('user_id', '>=', first)
        .where('user_id', '<=', last)
        .where((is) => is.or([is('used_at', 'is not', null), is('hash', 'not like', `${KEYED}%`)]))
        .execute();
      return rows.map(({ user_id }) => user_id);
    },

    async forgetCodes(tx: Tx, userId: number, since: number): Promise<void> {
      await tx.db
        .deleteFrom('recovery_codes')
        .where('user_id', '=', userId)
        .where('created_at', '>=', since)
        .execute();
    },

    /** Replaces the codes of an account; an empty list leaves it without codes. */
    async replaceCodes(tx: Tx, userId: number, hashes: readonly string[], now: number) {
      await tx.db.deleteFrom('recovery_codes').where('user_id', '=', userId).execute();
      if (hashes.length === 0) return;
      await tx.db
        .insertInto('recovery_codes')
        .values(hashes.map((hash) => ({ hash, user_id: userId, created_at: now, used_at: null })))
        .execute();
    },
  };
}
