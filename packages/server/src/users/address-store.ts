/** A part of the `users` table's owner: verifying and changing addresses. */
import { sql } from 'kysely';
import type { Tx } from '../database/database.ts';
import type { Email } from './email.ts';
import type { User } from './user.ts';

/** Whether an address or a username contains `text`, in any case. */
export function nameContains(text: string) {
  const pattern = `%${text.toLowerCase().replace(/[%_!]/g, '!$&')}%`;
  const has = (column: 'email' | 'username') =>
    sql<boolean>`lower(${sql.ref(column)}) like ${pattern} escape '!'`;
  return sql<boolean>`(${has('email')} or ${has('username')})`;
}

export const addressStatements = {
  /**
   * Replaces the password of an account whose address is not verified and which was never used.
   *
   * @returns whether it was so
   */
  async replaceUnverified(
    tx: Tx,
    id: number,
    hash: string,
    tokensValidFrom: number,
  ): Promise<boolean> {
    const row = await tx.db
      .updateTable('users')
      .set({ password_hash: hash, tokens_valid_from: tokensValidFrom })
      .where('id', '=', id)
      .where('is_active', '=', 1)
      .where('awaits_proof', '=', 1)
      .where('last_login_at', 'is', null)
      .where('claims_version', '=', 0)
      .where('is_admin', '=', 0)
      .returning('id')
      .executeTakeFirst();
    return row !== undefined;
  },

  /** Marks the present address as verified. */
  async verifyEmail(tx: Tx, id: number, canonical: string, now: number): Promise<boolean> {
    const row = await tx.db
      .updateTable('users')
      .set({ email_verified_at: now, awaits_proof: 0 })
      .where('id', '=', id)
      .where('email_canonical', '=', canonical)
      .where('is_active', '=', 1)
      .returning('id')
      .executeTakeFirst();
    return row !== undefined;
  },

  /** Locks the row. @returns whether the account is active and still has this address */
  async holdAddress(tx: Tx, id: number, canonical: string): Promise<boolean> {
    const row = await tx.db
      .updateTable('users')
      .set({ is_active: 1 })
      .where('id', '=', id)
      .where('email_canonical', '=', canonical)
      .where('is_active', '=', 1)
      .returning('id')
      .executeTakeFirst();
    return row !== undefined;
  },

  /** Gives an account an address that was just verified. @returns `false` when another account has it */
  async changeEmail(tx: Tx, id: number, email: Email, now: number): Promise<boolean> {
    // On PostgreSQL a commit between the two statements causes `isTaken` (database/faults.ts).
    const taken = await tx.db
      .selectFrom('users')
      .select('id')
      .where('email_canonical', '=', email.canonical)
      .where('id', '!=', id)
      .executeTakeFirst();
    if (taken) return false;
    const row = await tx.db
      .updateTable('users')
      .set({
        email: email.typed,
        email_canonical: email.canonical,
        email_verified_at: now,
        awaits_proof: 0,
      })
      .where('id', '=', id)
      .where('is_active', '=', 1)
      .returning('id')
      .executeTakeFirst();
    return row !== undefined;
  },

  /**
   * Gives an account an address by an operator: verified if the former one was.
   *
   * @returns `false` when it is taken
   */
  async assignEmail(tx: Tx, user: User, email: Email, now: number): Promise<boolean> {
    const taken = await tx.db
      .selectFrom('users')
      .select('id')
      .where('email_canonical', '=', email.canonical)
      .where('id', '!=', user.id)
      .executeTakeFirst();
    if (taken) return false;
    await tx.db
      .updateTable('users')
      .set({
        email: email.typed,
        email_canonical: email.canonical,
        email_verified_at: user.emailVerifiedAt === undefined ? null : now,
        awaits_proof: 0,
      })
      .where('id', '=', user.id)
      .execute();
    return true;
  },
};
