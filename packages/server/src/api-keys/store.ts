/** The only owner of the `api_keys` table. */
import type { Selectable } from 'kysely';
import type { Database, Tx } from '../database/database.ts';
import { named } from '../database/statement.ts';
import type { ApiKeysTable } from '../database/tables/api-keys.ts';
import { SCOPES, type Scope } from './scope.ts';

const COLUMNS = [
  'id',
  'name',
  'key_hash',
  'scopes',
  'created_at',
  'created_by',
  'expires_at',
  'last_used_at',
  'revoked_at',
] as const satisfies readonly (keyof ApiKeysTable)[];

export type ApiKey = {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** Epoch milliseconds, like the other times. */
  readonly createdAt: number;
  readonly createdBy: string;
  readonly expiresAt: number;
  readonly lastUsedAt: number | undefined;
  readonly revokedAt: number | undefined;
};

type StoredKey = ApiKey & { readonly hash: string };

export type ApiKeyStore = ReturnType<typeof createApiKeyStore>;

export function createApiKeyStore({ db, prepare }: Database) {
  const select = db.selectFrom('api_keys').select(COLUMNS);
  const byId = named(prepare, (p: { id: string }) => select.where('id', '=', p.id));

  return {
    async find(id: string): Promise<StoredKey | undefined> {
      const row = await byId.read({ id });
      return row && toKey(row);
    },

    /** The newest first. */
    async list(): Promise<ApiKey[]> {
      const rows = await select.orderBy('created_at', 'desc').orderBy('id').execute();
      return rows.map(toKey);
    },

    async insert(tx: Tx, key: Omit<StoredKey, 'lastUsedAt' | 'revokedAt'>): Promise<void> {
      await tx.db
        .insertInto('api_keys')
        .values({
          id: key.id,
          name: key.name,
          key_hash: key.hash,
          scopes: key.scopes.join(' '),
          created_at: key.createdAt,
          created_by: key.createdBy,
          expires_at: key.expiresAt,
          last_used_at: null,
          revoked_at: null,
        })
        .execute();
    },

    async noteUse(tx: Tx, id: string, now: number): Promise<void> {
      await tx.db.updateTable('api_keys').set({ last_used_at: now }).where('id', '=', id).execute();
    },

    /** @returns whether it could be used until now */
    async revoke(tx: Tx, id: string, now: number): Promise<boolean> {
      const row = await tx.db
        .updateTable('api_keys')
        .set({ revoked_at: now })
        .where('id', '=', id)
        .where('revoked_at', 'is', null)
        .returning('id')
        .executeTakeFirst();
      return row !== undefined;
    },

    /** @returns the ids of those that could be used until now */
    async revokeBy(tx: Tx, createdBy: string, now: number): Promise<readonly string[]> {
      const rows = await tx.db
        .updateTable('api_keys')
        .set({ revoked_at: now })
        .where('created_by', '=', createdBy)
        .where('revoked_at', 'is', null)
        .returning('id')
        .execute();
      return rows.map(({ id }) => id);
    },

    async revokeAll(tx: Tx, now: number): Promise<void> {
      await tx.db
        .updateTable('api_keys')
        .set({ revoked_at: now })
        .where('revoked_at', 'is', null)
        .execute();
    },

    /** Deletes up to `limit` keys that ended before `now`; returns how many. */
    async purge(tx: Tx, now: number, limit: number): Promise<number> {
      const ended = tx.db
        .selectFrom('api_keys')
        .select('id')
        .where((eb) => eb.or([eb('expires_at', '<', now), eb('revoked_at', '<', now)]))
        .limit(limit);
      const result = await tx.db.deleteFrom('api_keys').where('id', 'in', ended).executeTakeFirst();
      return Number(result.numDeletedRows);
    },
  };
}

const toKey = (row: Pick<Selectable<ApiKeysTable>, (typeof COLUMNS)[number]>): StoredKey => ({
  id: row.id,
  name: row.name,
  hash: row.key_hash,
  scopes: SCOPES.filter((scope) => row.scopes.split(' ').includes(scope)),
  createdAt: row.created_at,
  createdBy: row.created_by,
  expiresAt: row.expires_at,
  lastUsedAt: row.last_used_at ?? undefined,
  revokedAt: row.revoked_at ?? undefined,
});
