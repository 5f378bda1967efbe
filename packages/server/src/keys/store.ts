/** The only owner of the `signing_keys` table. */
import type { Selectable } from 'kysely';
import type { FollowedDatabase, Tx } from '../database/database.ts';
import type { SigningKeysTable } from '../database/tables/signing-keys.ts';
import type { Algorithm, RingKey } from './schedule.ts';
import type { StoredSecret } from './seal.ts';

export type KeyStore = ReturnType<typeof createKeyStore>;

/** The row of the generated secret. */
export const SECRET_KID = 'hs256';

type SecretRow = { readonly createdAt: number; readonly sealedBy: string | undefined };
export type Rows = {
  readonly ring: readonly (RingKey & { readonly sealedBy: string | undefined })[];
  /** The row of the generated secret; `undefined` = none was ever needed. */
  readonly secret: SecretRow | undefined;
};

export function createKeyStore({ db, transaction, takeTurn, notifications }: FollowedDatabase) {
  const all = (executor: Tx['db']) =>
    executor
      .selectFrom('signing_keys')
      .select(['kid', 'alg', 'state', 'created_at', 'activates_at', 'retires_at'])
      .select(['serial', 'token_lifetime', 'sealed_by'])
      .orderBy('kid')
      .execute();

  const update = (tx: Tx, kid: string, states: readonly RingKey['state'][]) =>
    tx.db.updateTable('signing_keys').where('kid', '=', kid).where('state', 'in', states);

  return {
    transaction,

    /** Begins a change of the ring: no other process changes it until `tx` ends; then all are notified. */
    async beginChange(tx: Tx): Promise<void> {
      await takeTurn(tx, 'keys');
      await notifications.publish(tx, 'keys');
    },

    /** Calls back when another process may have changed keys; the returned function ends it. */
    onNews: (listener: () => void): (() => void) => notifications.subscribe('keys', listener),

    /** The committed rows, or a transaction's view of them; without the keys themselves. */
    async rows(tx?: Tx): Promise<Rows> {
      const rows = await all(tx ? tx.db : db);
      const secret = rows.find(({ kid }) => kid === SECRET_KID);
      return {
        ring: rows.flatMap((row) => (row.serial === null ? [] : [toRingKey(row, row.serial)])),
        secret: secret && {
          createdAt: Number(secret.created_at),
          sealedBy: secret.sealed_by ?? undefined,
        },
      };
    },

    /** The keys themselves, sealed as they are. */
    async secrets(): Promise<StoredSecret[]> {
      const rows = await db
        .selectFrom('signing_keys')
        .select(['kid', 'alg', 'secret', 'sealed_by'])
        .execute();
      return rows.map((row) => ({
        kid: row.kid,
        alg: row.alg,
        secret: row.secret,
        sealedBy: row.sealed_by ?? undefined,
      }));
    },

    /** Keeps an existing secret: when two processes start at once, both use the first one's. */
    async insertSecret(tx: Tx, stored: StoredSecret, now: number): Promise<void> {
      await tx.db
        .insertInto('signing_keys')
        .values({
          kid: stored.kid,
          alg: stored.alg,
          secret: stored.secret,
          sealed_by: stored.sealedBy ?? null,
          state: 'current',
          created_at: now,
          activates_at: now,
          retires_at: null,
          serial: null,
        })
        .onConflict((conflict) => conflict.column('kid').doNothing())
        .execute();
    },

    /** Each of the following returns whether there was such a row: 0 or 1. */
    async insertKey(tx: Tx, key: RingKey, stored: StoredSecret): Promise<number> {
      const result = await tx.db
        .insertInto('signing_keys')
        .values({
          kid: key.kid,
          alg: key.alg,
          secret: stored.secret,
          sealed_by: stored.sealedBy ?? null,
          state: key.state,
          created_at: key.createdAt,
          activates_at: key.activatesAt,
          retires_at: null,
          serial: key.serial,
          token_lifetime: key.tokenLifetime,
        })
        .onConflict((conflict) => conflict.column('serial').doNothing())
        .executeTakeFirst();
      return Number(result.numInsertedOrUpdatedRows ?? 0);
    },

    async promote(tx: Tx, kid: string, activatesAt: number): Promise<number> {
      const result = await update(tx, kid, ['next'])
        .set({ state: 'current', activates_at: activatesAt })
        .executeTakeFirst();
      return Number(result.numUpdatedRows);
    },

    async retire(
      tx: Tx,
      kid: string,
      from: readonly RingKey['state'][],
      retiresAt: number,
    ): Promise<number> {
      const result = await update(tx, kid, from)
        .set({ state: 'retired', retires_at: retiresAt })
        .executeTakeFirst();
      return Number(result.numUpdatedRows);
    },

    async reschedule(tx: Tx, kid: string, activatesAt: number): Promise<number> {
      const result = await update(tx, kid, ['next'])
        .set({ activates_at: activatesAt })
        .executeTakeFirst();
      return Number(result.numUpdatedRows);
    },

    async extend(tx: Tx, kid: string, tokenLifetime: number): Promise<number> {
      const result = await update(tx, kid, ['next', 'current'])
        .set({ token_lifetime: tokenLifetime })
        .where('token_lifetime', '<', tokenLifetime)
        .executeTakeFirst();
      return Number(result.numUpdatedRows);
    },

    async remove(tx: Tx, kid: string): Promise<number> {
      const result = await tx.db
        .deleteFrom('signing_keys')
        .where('kid', '=', kid)
        .where('state', '=', 'next')
        .executeTakeFirst();
      return Number(result.numDeletedRows);
    },

    /** Stores another secret under the same name, unless it was changed since it was read. */
    async replaceSecret(tx: Tx, stored: StoredSecret, now: number, seen: number): Promise<number> {
      const result = await tx.db
        .updateTable('signing_keys')
        .set({ secret: stored.secret, sealed_by: stored.sealedBy ?? null, created_at: now })
        .where('kid', '=', stored.kid)
        .where('created_at', '=', seen)
        .executeTakeFirst();
      return Number(result.numUpdatedRows);
    },

    /** Stores the same key under another seal, unless it was resealed since it was read. */
    async reseal(tx: Tx, stored: StoredSecret, seen: StoredSecret): Promise<number> {
      const change = tx.db
        .updateTable('signing_keys')
        .set({ secret: stored.secret, sealed_by: stored.sealedBy ?? null })
        .where('kid', '=', stored.kid);
      const result = await (seen.sealedBy === undefined
        ? change.where('sealed_by', 'is', null)
        : change.where('sealed_by', '=', seen.sealedBy)
      ).executeTakeFirst();
      return Number(result.numUpdatedRows);
    },

    /** Deletes keys that stopped verifying before `before`; returns how many. */
    async purge(tx: Tx, before: number, limit: number): Promise<number> {
      const dead = tx.db
        .selectFrom('signing_keys')
        .select('kid')
        .where('retires_at', '<', before)
        .limit(limit);
      const result = await tx.db
        .deleteFrom('signing_keys')
        .where('kid', 'in', dead)
        .executeTakeFirst();
      return Number(result.numDeletedRows);
    },
  };
}

type Row = Omit<Selectable<SigningKeysTable>, 'secret'>;

const toRingKey = (row: Row, serial: number) => ({
  kid: row.kid,
  alg: row.alg as Algorithm,
  serial: Number(serial),
  state: row.state,
  createdAt: Number(row.created_at),
  activatesAt: Number(row.activates_at),
  retiresAt: row.retires_at === null ? undefined : Number(row.retires_at),
  tokenLifetime: Number(row.token_lifetime),
  sealedBy: row.sealed_by ?? undefined,
});
