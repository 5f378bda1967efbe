/**
 * Owns the connection: engine choice by URL, durability settings, migrations, health. Owns no
 * table: each feature's store.ts does. Imported by app.ts and the CLI; stores import schema.ts.
 */
import { type CompiledQuery, Kysely, sql } from 'kysely';
import { DatabaseOpenError } from './faults.ts';
import { migrateToLatest } from './migrations.ts';
import type { Db, Schema } from './schema.ts';
import { NodeSqliteDialect, openSqlite, prepareSqlite } from './sqlite.ts';

export type Database = {
  readonly db: Db;
  /**
   * A statement of the hot paths, compiled and prepared once: a tenth of what the query builder
   * costs per call. Returns the first row.
   */
  prepare<Row>(query: CompiledQuery<Row>): (...values: unknown[]) => Promise<Row | undefined>;
  /** For people: engine and place, never credentials. */
  readonly description: string;
  /** Runs what is missing; returns the names of the migrations that ran. */
  migrate(): Promise<string[]>;
  /** Rejects when the database cannot answer. */
  ping(): Promise<void>;
  /** Findings of the engine's own integrity check; empty = sound. */
  check(): Promise<string[]>;
  close(): Promise<void>;
};

/**
 * Opens the database that a URL names. Nothing is migrated yet.
 *
 * @param url `sqlite:PATH`; `sqlite::memory:` for tests
 * @throws {DatabaseOpenError} when the file cannot be opened or created
 * @example const database = openDatabase('sqlite:./data/gatepass.db');
 */
export function openDatabase(url: string): Database {
  const path = url.replace(/^sqlite:/, '');
  const sqlite = tryToOpen(path);
  const db = new Kysely<Schema>({ dialect: new NodeSqliteDialect(sqlite) });
  const pragma = async (statement: string) => {
    const { rows } = await sql.raw<Record<string, unknown>>(statement).execute(db);
    return rows;
  };
  return {
    db,
    prepare: (query) => prepareSqlite(sqlite, query),
    description: `SQLite ${path}`,
    migrate: () => migrateToLatest(db),
    ping: async () => {
      await db.selectFrom('users').select('id').limit(1).execute();
    },
    check: async () => {
      const damage = (await pragma('PRAGMA integrity_check'))
        .map((row) => String(row['integrity_check']))
        .filter((line) => line !== 'ok');
      const orphans = await pragma('PRAGMA foreign_key_check');
      return [...damage, ...orphans.map((row) => `foreign key: ${JSON.stringify(row)}`)];
    },
    close: () => db.destroy(),
  };
}

function tryToOpen(path: string) {
  try {
    return openSqlite(path);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new DatabaseOpenError(`${path}: ${reason}`, { cause: error });
  }
}
