/** The only owner of the table `recovery_codes`. */
import type { Database, Tx } from '../database/database.ts';

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

    async forgetCodes(tx: Tx, userId: number, since: number): Promise<void> {
      await tx.db
        .deleteFrom('recovery_codes')
        .where('user_id', '=', userId)
        .where('created_at', '>=', since)
        .execute();
    },

    /** Other codes in place of those that an account has; none = it has none. */
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
