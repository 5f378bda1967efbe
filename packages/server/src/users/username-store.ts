/** A part of the `users` table's owner: usernames. */
import type { Tx } from '../database/database.ts';
import type { Username } from './username.ts';

export const usernameStatements = {
  async hasUsername(tx: Tx, canonical: string): Promise<boolean> {
    const row = await tx.db
      .selectFrom('users')
      .select('id')
      .where('username_canonical', '=', canonical)
      .executeTakeFirst();
    return row !== undefined;
  },

  /** @returns `false` when another account has the name, or there is no such account */
  async setUsername(tx: Tx, id: number, username: Username | undefined): Promise<boolean> {
    // Checked first, because a unique violation ends the whole transaction on PostgreSQL; a commit
    // between the two statements still causes one.
    const taken =
      username &&
      (await tx.db
        .selectFrom('users')
        .select('id')
        .where('username_canonical', '=', username.canonical)
        .where('id', '!=', id)
        .executeTakeFirst());
    if (taken) return false;
    const row = await tx.db
      .updateTable('users')
      .set({
        username: username?.typed ?? null,
        username_canonical: username?.canonical ?? null,
      })
      .where('id', '=', id)
      .returning('id')
      .executeTakeFirst();
    return row !== undefined;
  },
};
