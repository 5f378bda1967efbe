/** The only owner of the table `totp_factors`. */
import type { Selectable } from 'kysely';
import type { Database, Tx } from '../database/database.ts';
import type { TotpFactorsTable } from '../database/tables/totp-factors.ts';
import type { Sealed } from '../keys/seal.ts';

export type StoredTotp = Sealed & {
  readonly id: number;
  readonly userId: number;
  readonly name: string;
  readonly digits: number;
  readonly period: number;
  readonly lastStep: number;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly isConfirmed: boolean;
  readonly lastUsedAt: number | undefined;
};

type NewTotp = Pick<StoredTotp, 'userId' | 'name' | 'digits' | 'period' | 'lastStep'> & Sealed;

const COLUMNS = [
  'id',
  'user_id',
  'name',
  'secret',
  'sealed_by',
  'digits',
  'period',
  'last_step',
  'created_at',
  'confirmed_at',
  'last_used_at',
] as const satisfies readonly (keyof TotpFactorsTable)[];

export function createTotpStore({ db }: Database) {
  return {
    /** How many secrets are stored, and how many of them in clear. */
    async countSecrets(): Promise<{ stored: number; inClear: number }> {
      const row = await db
        .selectFrom('totp_factors')
        .select((eb) => [
          eb.fn.countAll<number>().as('stored'),
          eb.fn.count<number>('sealed_by').as('sealed'),
        ])
        .executeTakeFirstOrThrow();
      const stored = Number(row.stored);
      return { stored, inClear: stored - Number(row.sealed) };
    },

    /** The authenticator apps of an account in the order of their ids, including unconfirmed ones. */
    async totp(userId: number, tx?: Tx): Promise<StoredTotp[]> {
      const rows = await (tx?.db ?? db)
        .selectFrom('totp_factors')
        .select(COLUMNS)
        .where('user_id', '=', userId)
        .orderBy('id')
        .execute();
      return rows.map(toTotp);
    },

    /** The apps that are on, of the accounts with ids from `first` to `last`. */
    async confirmedBetween(tx: Tx, first: number, last: number): Promise<StoredTotp[]> {
      const rows = await tx.db
        .selectFrom('totp_factors')
        .select(COLUMNS)
        .where('user_id', '>=', first)
        .where('user_id', '<=', last)
        .where('confirmed_at', 'is not', null)
        .orderBy('id')
        .execute();
      return rows.map(toTotp);
    },

    async insertTotp(tx: Tx, totp: NewTotp, now: number, confirmedAt?: number): Promise<number> {
      const { id } = await tx.db
        .insertInto('totp_factors')
        .values(rowOf(totp, now, confirmedAt))
        .returning('id')
        .executeTakeFirstOrThrow();
      return id;
    },

    /** Inserts apps that their owners confirmed elsewhere. */
    async insertConfirmed(tx: Tx, apps: readonly NewTotp[], now: number): Promise<void> {
      const rows = apps.map((app) => rowOf(app, now, now));
      await tx.db.insertInto('totp_factors').values(rows).execute();
    },

    /** Deletes the unconfirmed apps of an account. */
    async forgetPending(tx: Tx, userId: number): Promise<void> {
      await tx.db
        .deleteFrom('totp_factors')
        .where('user_id', '=', userId)
        .where('confirmed_at', 'is', null)
        .execute();
    },

    /** Of concurrent calls of this method or the next two, one succeeds. @returns whether this did */
    async confirm(tx: Tx, { id }: StoredTotp, step: number, now: number): Promise<boolean> {
      const row = await tx.db
        .updateTable('totp_factors')
        .set({ confirmed_at: now, last_step: step, last_used_at: now })
        .where('id', '=', id)
        .where('confirmed_at', 'is', null)
        .returning('id')
        .executeTakeFirst();
      return row !== undefined;
    },

    /** Spends the code of a time step, and with it the codes of all earlier steps. */
    async spendStep(tx: Tx, id: number, step: number, now: number): Promise<boolean> {
      const row = await tx.db
        .updateTable('totp_factors')
        .set({ last_step: step, last_used_at: now })
        .where('id', '=', id)
        .where('last_step', '<', step)
        .where('confirmed_at', 'is not', null)
        .returning('id')
        .executeTakeFirst();
      return row !== undefined;
    },

    async removeTotp(tx: Tx, userId: number, id: number): Promise<boolean> {
      const row = await tx.db
        .deleteFrom('totp_factors')
        .where('user_id', '=', userId)
        .where('id', '=', id)
        .where('confirmed_at', 'is not', null)
        .returning('id')
        .executeTakeFirst();
      return row !== undefined;
    },

    /** Stores a secret that was sealed anew, unless another seal was stored since it was read. */
    async reseal(tx: Tx, { id, sealedBy }: StoredTotp, resealed: Sealed): Promise<void> {
      const change = tx.db
        .updateTable('totp_factors')
        .set({ secret: resealed.secret, sealed_by: resealed.sealedBy ?? null })
        .where('id', '=', id);
      await (sealedBy === undefined
        ? change.where('sealed_by', 'is', null)
        : change.where('sealed_by', '=', sealedBy)
      ).execute();
    },

    /** Up to `limit` secrets that are not sealed by this master key. */
    async sealedOtherwise(fingerprint: string, limit: number): Promise<StoredTotp[]> {
      const rows = await db
        .selectFrom('totp_factors')
        .select(COLUMNS)
        .where((is) => is.or([is('sealed_by', 'is', null), is('sealed_by', '!=', fingerprint)]))
        .orderBy('id')
        .limit(limit)
        .execute();
      return rows.map(toTotp);
    },

    /** Deletes the apps that were turned on since then, and the unconfirmed ones. */
    async forgetTotp(tx: Tx, userId: number, since: number): Promise<number> {
      const result = await tx.db
        .deleteFrom('totp_factors')
        .where('user_id', '=', userId)
        .where((is) => is.or([is('confirmed_at', 'is', null), is('confirmed_at', '>=', since)]))
        .executeTakeFirst();
      return Number(result.numDeletedRows);
    },
  };
}

const rowOf = (totp: NewTotp, now: number, confirmedAt: number | undefined) => ({
  user_id: totp.userId,
  name: totp.name,
  secret: totp.secret,
  sealed_by: totp.sealedBy ?? null,
  digits: totp.digits,
  period: totp.period,
  last_step: totp.lastStep,
  created_at: now,
  confirmed_at: confirmedAt ?? null,
  last_used_at: null,
});

type Row = Pick<Selectable<TotpFactorsTable>, (typeof COLUMNS)[number]>;

const toTotp = (row: Row): StoredTotp => ({
  id: row.id,
  userId: row.user_id,
  name: row.name,
  secret: row.secret,
  sealedBy: row.sealed_by ?? undefined,
  digits: row.digits,
  period: row.period,
  lastStep: row.last_step,
  createdAt: row.created_at,
  isConfirmed: row.confirmed_at !== null,
  lastUsedAt: row.last_used_at ?? undefined,
});
