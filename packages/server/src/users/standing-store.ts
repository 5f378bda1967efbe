/** A part of the `users` table's owner: the password, and whether the account is active. */
import type { Tx } from '../database/database.ts';

export const standingStatements = {
  /**
   * Stores a new hash of the same password; other changes of the account wait until the end of `tx`.
   *
   * @returns whether it is active and its password still the one that was checked
   */
  async holdPassword(tx: Tx, id: number, checkedHash: string, hash: string): Promise<boolean> {
    const row = await tx.db
      .updateTable('users')
      .set({ password_hash: hash })
      .where('id', '=', id)
      .where('is_active', '=', 1)
      .where('password_hash', '=', checkedHash)
      .returning('id')
      .executeTakeFirst();
    return row !== undefined;
  },

  /** `replaces`: written only while the stored hash is this one. @returns whether it was */
  async setPasswordHash(
    tx: Tx,
    id: number,
    hash: string,
    tokensValidFrom: number,
    replaces: string | undefined,
  ): Promise<boolean> {
    let update = tx.db
      .updateTable('users')
      .set({ password_hash: hash, tokens_valid_from: tokensValidFrom })
      .where('id', '=', id);
    if (replaces !== undefined) update = update.where('password_hash', '=', replaces);
    return (await update.returning('id').executeTakeFirst()) !== undefined;
  },

  /** Voids sessionless tokens issued before `second`, and locks the row in any case. */
  async raiseTokensValidFrom(tx: Tx, id: number, second: number): Promise<void> {
    await tx.db
      .updateTable('users')
      .set((eb) => ({
        tokens_valid_from: eb
          .case()
          .when('tokens_valid_from', '<', second)
          .then(second)
          .else(eb.ref('tokens_valid_from'))
          .end(),
      }))
      .where('id', '=', id)
      .execute();
  },

  async enable(tx: Tx, id: number): Promise<void> {
    await tx.db.updateTable('users').set({ is_active: 1 }).where('id', '=', id).execute();
  },

  /** `checkedHash`: only while the stored hash is this one. @returns whether it was */
  async disable(
    tx: Tx,
    id: number,
    tokensValidFrom: number,
    checkedHash?: string,
  ): Promise<boolean> {
    let update = tx.db
      .updateTable('users')
      .set({ is_active: 0, tokens_valid_from: tokensValidFrom })
      .where('id', '=', id);
    if (checkedHash !== undefined) update = update.where('password_hash', '=', checkedHash);
    return (await update.returning('id').executeTakeFirst()) !== undefined;
  },

  /**
   * Whether the account is active and accepts sessionless tokens of this `iat`. Changes of either
   * wait until the end of `tx`: an update that changes nothing locks the row.
   */
  async holdValid(tx: Tx, id: number, issuedAt: number): Promise<boolean> {
    const row = await tx.db
      .updateTable('users')
      .set({ is_active: 1 })
      .where('id', '=', id)
      .where('is_active', '=', 1)
      .where('tokens_valid_from', '<=', issuedAt)
      .returning('id')
      .executeTakeFirst();
    return row !== undefined;
  },
};
