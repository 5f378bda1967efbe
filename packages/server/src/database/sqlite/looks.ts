/** Facts about an SQLite file, found by reading it. */
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { Kysely, sql } from 'kysely';
import type { OpenDatabase } from '../database.ts';
import { type Place, pendingMigrations } from '../migrations.ts';
import type { Db, Schema } from '../tables/schema.ts';
import { NodeSqliteDialect } from './builder.ts';
import { lostRules } from './check.ts';
import { lacksItsWal } from './file.ts';

/** A database that is only inspected. */
export type Readable = Pick<OpenDatabase, 'db' | 'pending' | 'check' | 'warnings' | 'close'>;

/** @param isSuspect whether the file was in use and lacks its `-wal` */
export const looksAt = (
  db: Db,
  path: string,
  isSuspect: boolean,
): Omit<Readable, 'db' | 'close'> => ({
  pending: () => pendingMigrations(placeOf(db, path)),
  async check() {
    const pragma = async (statement: string) =>
      (await sql.raw<Record<string, unknown>>(statement).execute(db)).rows;
    const damage = (await pragma('PRAGMA integrity_check'))
      .map((row) => String(row['integrity_check']))
      .filter((line) => line !== 'ok');
    const orphans = await pragma('PRAGMA foreign_key_check');
    return [
      ...(isSuspect ? [incomplete(path)] : []),
      ...damage,
      ...orphans.map((row) => `foreign key: ${JSON.stringify(row)}`),
      ...(damage.length > 0 ? [] : await lostRules(db)),
    ];
  },
  warnings: async () => (isSuspect ? [incomplete(path)] : []),
});

/**
 * Opens a file that nothing writes, such as a backup, in a directory that may be read-only: without
 * a lock and without companion files.
 *
 * @throws {Error} when it is not a database
 */
export function openForReading(path: string): Readable {
  const url = pathToFileURL(path);
  url.search = 'immutable=1';
  const sqlite = new DatabaseSync(url, { readOnly: true });
  const db = new Kysely<Schema>({ dialect: new NodeSqliteDialect(sqlite) });
  const close = async () => {
    await db.destroy();
    if (sqlite.isOpen) sqlite.close();
  };
  return { db, ...looksAt(db, path, lacksItsWal(path)), close };
}

export const placeOf = (db: Db, path: string): Place => ({
  db,
  async hasTable(name) {
    const { rows } = await sql`
      select 1 from sqlite_schema where type = 'table' and name = ${name}`.execute(db);
    return rows.length > 0;
  },
  description: `SQLite ${path}`,
  advice: 'Give Gatepass a file of its own.',
});

const incomplete = (path: string) =>
  `${path} was in use when it was last written, and the ${path}-wal that belongs to it is missing: it may be a raw copy, or another program closed it. Its latest changes may be missing`;
