/** A part of the `users` table's owner: custom claims. */
import type { Tx } from '../database/database.ts';

export const claimsStatements = {
  /**
   * The claims of an account as JSON. Until the end of `tx` no other process changes them: an update
   * that changes nothing locks the row. `undefined` = there is no such account.
   */
  async holdClaims(tx: Tx, id: number): Promise<string | undefined> {
    const row = await tx.db
      .updateTable('users')
      .set((eb) => ({ claims_version: eb.ref('claims_version') }))
      .where('id', '=', id)
      .returning('claims')
      .executeTakeFirst();
    return row?.claims;
  },

  /** @returns the version that access tokens have from now on */
  async setClaims(tx: Tx, id: number, json: string): Promise<number> {
    const row = await tx.db
      .updateTable('users')
      .set((eb) => ({ claims: json, claims_version: eb('claims_version', '+', 1) }))
      .where('id', '=', id)
      .returning('claims_version')
      .executeTakeFirstOrThrow();
    return row.claims_version;
  },
};
