/** The only owner of the tables `passkeys` and `spent_challenges`. */

import type { Selectable } from 'kysely';
import type { Database, Tx } from '../database/database.ts';
import { purgeExpired } from '../database/purge.ts';
import type { PasskeysTable } from '../database/tables/passkeys.ts';

export type PasskeyStore = ReturnType<typeof createPasskeyStore>;

export type StoredPasskey = {
  readonly id: number;
  readonly userId: number;
  readonly credentialId: string;
  readonly userHandle: string;
  readonly publicKey: Uint8Array;
  readonly transports: readonly string[];
  readonly name: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly lastUsedAt: number | undefined;
};

export type NewPasskey = Omit<StoredPasskey, 'createdAt' | 'lastUsedAt'> & {
  readonly counter: number;
  readonly domain: string;
};

const COLUMNS = [
  'id',
  'user_id',
  'credential_id',
  'user_handle',
  'public_key',
  'transports',
  'name',
  'created_at',
  'last_used_at',
] as const satisfies readonly (keyof PasskeysTable)[];

export function createPasskeyStore({ db }: Database) {
  return {
    /** The passkeys of an account, the oldest first. */
    async of(userId: number, tx?: Tx): Promise<StoredPasskey[]> {
      const rows = await (tx?.db ?? db)
        .selectFrom('passkeys')
        .select(COLUMNS)
        .where('user_id', '=', userId)
        .orderBy('created_at')
        .orderBy('id')
        .execute();
      return rows.map(toPasskey);
    },

    async byCredentialId(credentialId: string): Promise<StoredPasskey | undefined> {
      const row = await db
        .selectFrom('passkeys')
        .select(COLUMNS)
        .where('credential_id', '=', credentialId)
        .executeTakeFirst();
      return row && toPasskey(row);
    },

    /** @returns `false` when the credential is known already */
    async insert(tx: Tx, passkey: NewPasskey, now: number): Promise<boolean> {
      const row = await tx.db
        .insertInto('passkeys')
        .values({
          id: passkey.id,
          user_id: passkey.userId,
          credential_id: passkey.credentialId,
          user_handle: passkey.userHandle,
          public_key: passkey.publicKey,
          counter: passkey.counter,
          transports: passkey.transports.join(' '),
          name: passkey.name,
          created_at: now,
          last_used_at: null,
          domain: passkey.domain,
        })
        .onConflict((conflict) => conflict.column('credential_id').doNothing())
        .returning('id')
        .executeTakeFirst();
      return row !== undefined;
    },

    /**
     * Records a use. A counter that did not grow comes from a copied passkey, or from a use that a later
     * one overtook. A counter that stays 0 says nothing (WebAuthn §6.1.1).
     *
     * @param domain the domain that it was used for; older rows lack it
     * @returns whether the use counts
     */
    async use(tx: Tx, id: number, counter: number, domain: string, now: number): Promise<boolean> {
      const row = await tx.db
        .updateTable('passkeys')
        .set({ counter, domain, last_used_at: now })
        .where('id', '=', id)
        .where((is) =>
          is.or([
            is('counter', '<', counter),
            is.and([is('counter', '=', 0), is.val(counter === 0)]),
          ]),
        )
        .returning('id')
        .executeTakeFirst();
      return row !== undefined;
    },

    /** For the operator: how many were made for which domain. */
    async countByDomain(): Promise<{ domain: string | undefined; count: number }[]> {
      const rows = await db
        .selectFrom('passkeys')
        .select((is) => ['domain', is.fn.countAll().as('count')])
        .groupBy('domain')
        .orderBy('domain')
        .execute();
      return rows.map(({ domain, count }) => ({
        domain: domain ?? undefined,
        count: Number(count),
      }));
    },

    async remove(tx: Tx, userId: number, id: number): Promise<boolean> {
      const row = await tx.db
        .deleteFrom('passkeys')
        .where('user_id', '=', userId)
        .where('id', '=', id)
        .returning('id')
        .executeTakeFirst();
      return row !== undefined;
    },

    /** Deletes the passkeys that an account got since then. @returns how many */
    async forget(tx: Tx, userId: number, since: number): Promise<number> {
      const result = await tx.db
        .deleteFrom('passkeys')
        .where('user_id', '=', userId)
        .where('created_at', '>=', since)
        .executeTakeFirst();
      return Number(result.numDeletedRows);
    },

    /** Marks a challenge as used; of concurrent calls one succeeds. @returns whether this one did */
    async spendChallenge(tx: Tx, id: string, expiresAt: number): Promise<boolean> {
      const row = await tx.db
        .insertInto('spent_challenges')
        .values({ id, expires_at: expiresAt })
        .onConflict((conflict) => conflict.column('id').doNothing())
        .returning('id')
        .executeTakeFirst();
      return row !== undefined;
    },

    /** Deletes the marks of expired challenges. */
    purgeChallenges: purgeExpired('spent_challenges', 'id'),
  };
}

const toPasskey = (
  row: Pick<Selectable<PasskeysTable>, (typeof COLUMNS)[number]>,
): StoredPasskey => ({
  id: row.id,
  userId: row.user_id,
  credentialId: row.credential_id,
  userHandle: row.user_handle,
  publicKey: row.public_key,
  transports: row.transports === '' ? [] : row.transports.split(' '),
  name: row.name,
  createdAt: row.created_at,
  lastUsedAt: row.last_used_at ?? undefined,
});
