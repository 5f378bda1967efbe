/** A part of the `users` table's owner: administrators. */
import type { Tx } from '../database/database.ts';

export const administratorStatements = {
  /** @returns whether this changed anything */
  async setAdmin(tx: Tx, id: number, isAdmin: boolean): Promise<boolean> {
    const row = await tx.db
      .updateTable('users')
      .set({ is_admin: isAdmin ? 1 : 0 })
      .where('id', '=', id)
      .where('is_admin', '=', isAdmin ? 0 : 1)
      .returning('id')
      .executeTakeFirst();
    return row !== undefined;
  },

  /**
   * The administrators who can log in, that is, who have a password. None of them changes before
   * the end of `tx`: an update that changes nothing locks the rows.
   */
  async holdAdministrators(tx: Tx): Promise<readonly number[]> {
    const rows = await tx.db
      .updateTable('users')
      .set({ is_admin: 1 })
      .where('is_admin', '=', 1)
      .where('is_active', '=', 1)
      .where('password_hash', 'is not', null)
      .returning('id')
      .execute();
    return rows.map(({ id }) => id);
  },

  /** Whether the account is an administrator; if so, this does not change before the end of `tx`. */
  async holdAdministrator(tx: Tx, id: number): Promise<boolean> {
    const row = await tx.db
      .updateTable('users')
      .set({ is_admin: 1 })
      .where('id', '=', id)
      .where('is_admin', '=', 1)
      .where('is_active', '=', 1)
      .returning('id')
      .executeTakeFirst();
    return row !== undefined;
  },

  async isAdministrator(tx: Tx, id: number): Promise<boolean> {
    const row = await tx.db
      .selectFrom('users')
      .select('is_admin')
      .where('id', '=', id)
      .executeTakeFirst();
    return row?.is_admin === 1;
  },
};
