/**
 * Owns the connection: engine choice by URL, durability settings, migrations, health. Owns no
 * table: each feature's store.ts does. Imported by app.ts and the CLI; stores import schema.ts.
 */
import { existsSync } from 'node:fs';
import { type CompiledQuery, Kysely, sql } from 'kysely';
import { DatabaseOpenError } from './faults.ts';
import { createGroupCommit, type Transaction, type Tx } from './group-commit.ts';
import { type LastIds, raiseLastIds, readLastIds } from './last-ids.ts';
import { lostRules } from './lost-rules.ts';
import { migrateToLatest, pendingMigrations } from './migrations.ts';
import type { Db, Schema } from './schema.ts';
import { createSnapshot, NO_SNAPSHOT } from './snapshot.ts';
import { beginServing, NodeSqliteDialect, openSqlite, prepareSqlite } from './sqlite.ts';
import { lacksItsWal, sealFile } from './sqlite-file.ts';

/** A statement compiled and prepared once: a tenth of what the query builder costs per call. */
export type Statement<Row> = {
  /** The first row, of what is committed. */
  read(...values: unknown[]): Promise<Row | undefined>;
  /** The first row, as the transaction sees it. */
  within(tx: Tx, ...values: unknown[]): Promise<Row | undefined>;
};

export type Database = {
  /** For reading: sees what is committed, never waits for a writer. */
  readonly db: Db;
  /** Every write goes through here; resolves when the commit is durable. */
  readonly transaction: Transaction;
  prepare<Row>(query: CompiledQuery<Row>): Statement<Row>;
  /** The highest number that each numbered table ever gave. */
  lastIds(): Promise<LastIds>;
  /** From now on the numbers of a table go on above the one given. */
  raiseLastIds(tx: Tx, ids: LastIds): Promise<void>;
  /** The file that holds it, where it is one. */
  readonly file: string | undefined;
  /** For people: engine and place, never credentials. */
  readonly description: string;
  /** Runs what is missing; returns the names of the migrations that ran. */
  migrate(): Promise<string[]>;
  /** Migrations that have not run yet. @throws {MigrationError} when it is newer than this program */
  pending(): Promise<string[]>;
  /** Rejects when the database cannot answer. */
  ping(): Promise<void>;
  /** Damage, one finding a line; empty = sound. */
  check(): Promise<string[]>;
  /** What works and yet should be looked at. */
  warnings(): Promise<string[]>;
  close(): Promise<void>;
};

type Options = {
  /** Fault injection: called before each commit, which fails if it throws. */
  readonly beforeCommit?: () => void;
  /** A database that is not there is a fault, not one to create; default false. */
  readonly mustExist?: boolean;
};

/**
 * Opens the database that a URL names. Nothing is migrated yet.
 *
 * @param url `sqlite:PATH`; `sqlite::memory:` for tests
 * @throws {DatabaseOpenError} when the file cannot be opened or created
 * @example const database = openDatabase('sqlite:./data/gatepass.db');
 */
export function openDatabase(url: string, options: Options = {}): Database {
  const { beforeCommit, mustExist = false } = options;
  const path = url.replace(/^sqlite:/, '');
  const { writer, reader, isSuspect } = tryToOpen(path, mustExist);
  let keepsMark = isSuspect;
  const snapshot = reader === writer ? NO_SNAPSHOT : createSnapshot(reader);
  const writes = new Kysely<Schema>({ dialect: new NodeSqliteDialect(writer) });
  const db = new Kysely<Schema>({ dialect: new NodeSqliteDialect(reader) });
  const pragma = async (statement: string) => {
    const { rows } = await sql.raw<Record<string, unknown>>(statement).execute(db);
    return rows;
  };
  return {
    db,
    transaction: createGroupCommit(writer, writes, { beforeCommit, afterCommit: snapshot.leave }),
    prepare: (query) => ({
      read: prepareSqlite(reader, query, snapshot),
      within: withinTransaction(prepareSqlite(writer, query)),
    }),
    lastIds: () => readLastIds(db),
    raiseLastIds,
    file: path === MEMORY ? undefined : path,
    description: `SQLite ${path}`,
    migrate: async () => {
      keepsMark = false;
      const ran = await migrateToLatest(writes);
      beginServing(writer);
      beginServing(reader);
      return ran;
    },
    pending: () => pendingMigrations(db),
    ping: async () => {
      await db.selectFrom('users').select('id').limit(1).execute();
    },
    check: async () => {
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
    close: async () => {
      await db.destroy();
      if (reader.isOpen) reader.close();
      if (!writer.isOpen) return;
      // Who only looks at a file that may lack something leaves the sign of it for the next one.
      if (!keepsMark) sealFile(writer);
      writer.close();
    },
  };
}

const MEMORY = ':memory:';

const incomplete = (path: string) =>
  `${path} was in use when it was last written, and the ${path}-wal that belongs to it is missing: it may be a raw copy, or another program closed it. Its latest changes may be missing`;

const withinTransaction =
  <Row>(run: (...values: unknown[]) => Promise<Row | undefined>) =>
  (_tx: Tx, ...values: unknown[]) =>
    run(...values);

function tryToOpen(path: string, mustExist: boolean) {
  if (mustExist && !existsSync(path))
    throw new DatabaseOpenError(`${path}: there is no database; "gatepass serve" creates one`);
  try {
    return { isSuspect: lacksItsWal(path), ...openSqlite(path) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new DatabaseOpenError(`${path}: ${reason}`, { cause: error });
  }
}
