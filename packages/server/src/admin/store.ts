/** The only owner of the `admin_sessions` table. */

import type { Database, Tx } from '../database/database.ts';
import { purgeExpired } from '../database/purge.ts';
import { named } from '../database/statement.ts';

export type AdminSession = {
  readonly tokenHash: string;
  readonly userId: number;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
  readonly confirmedAt: number;
};

type NewSession = AdminSession & {
  readonly tokensValidFrom: number;
  readonly createdAt: number;
};

export type AdminStore = ReturnType<typeof createAdminStore>;

export function createAdminStore({ db, prepare }: Database) {
  const byHash = named(prepare, (p: { hash: string; now: number }) =>
    db
      .selectFrom('admin_sessions')
      .innerJoin('users', 'users.id', 'admin_sessions.user_id')
      .select(['token_hash', 'user_id', 'expires_at', 'confirmed_at'])
      .where('token_hash', '=', p.hash)
      .where('expires_at', '>', p.now)
      .where('is_admin', '=', 1)
      .where('is_active', '=', 1)
      .whereRef('admin_sessions.tokens_valid_from', '=', 'users.tokens_valid_from'),
  );

  return {
    /** An open session whose account is still an administrator and has the same password as at the login. */
    async find(hash: string, now: number): Promise<AdminSession | undefined> {
      const row = await byHash.read({ hash, now });
      return (
        row && {
          tokenHash: row.token_hash,
          userId: row.user_id,
          expiresAt: row.expires_at,
          confirmedAt: row.confirmed_at,
        }
      );
    },

    async insert(tx: Tx, session: NewSession): Promise<void> {
      await tx.db
        .insertInto('admin_sessions')
        .values({
          token_hash: session.tokenHash,
          user_id: session.userId,
          tokens_valid_from: session.tokensValidFrom,
          created_at: session.createdAt,
          expires_at: session.expiresAt,
          confirmed_at: session.confirmedAt,
        })
        .execute();
    },

    async confirm(tx: Tx, hash: string, now: number): Promise<void> {
      await tx.db
        .updateTable('admin_sessions')
        .set({ confirmed_at: now })
        .where('token_hash', '=', hash)
        .execute();
    },

    /** @returns whether it was there */
    async end(tx: Tx, hash: string): Promise<boolean> {
      const row = await tx.db
        .deleteFrom('admin_sessions')
        .where('token_hash', '=', hash)
        .returning('user_id')
        .executeTakeFirst();
      return row !== undefined;
    },

    async endAllOf(tx: Tx, userId: number): Promise<void> {
      await tx.db.deleteFrom('admin_sessions').where('user_id', '=', userId).execute();
    },

    async clear(tx: Tx): Promise<void> {
      await tx.db.deleteFrom('admin_sessions').execute();
    },

    purge: purgeExpired('admin_sessions', 'token_hash'),
  };
}
