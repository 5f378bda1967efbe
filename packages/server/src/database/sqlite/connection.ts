import { chmodSync, closeSync, existsSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import {
  CompiledQuery,
  type DatabaseConnection,
  Kysely,
  SqliteAdapter,
  SqliteDialect,
  SqliteDriver,
  type SqliteStatement,
} from 'kysely';
import type { Db, Schema } from '../schema.ts';
import { isBusy } from './faults.ts';
import { NO_SNAPSHOT, type Snapshot } from './snapshot.ts';

// For opening and migrating, when nobody is being served yet.
const BUSY_TIMEOUT_MS = 5000;
// Afterwards writers queue in group-commit.ts, and readers wait for nobody but a checkpoint.
const SERVING_BUSY_TIMEOUT_MS = 20;
const WAL_RETRY_MS = 5;
// KiB that a reading connection keeps of the file, once it has read them; the default is 2000. A
// refresh reads three pages of its own: they fit for some 1,300 sessions (docs/scale.md).
const READING_CACHE_KIB = 16_000;
const MEMORY = ':memory:';

/**
 * Opens (and creates, readable by its owner only) an SQLite file for durable, concurrent use: one
 * connection that writes, one that reads and so never sees what is not committed yet.
 */
export function openSqlite(path: string): { writer: DatabaseSync; reader: DatabaseSync } {
  if (path !== MEMORY) createPrivately(path);
  // A database in memory belongs to its connection.
  if (path === MEMORY) {
    const only = connect(path);
    return { writer: only, reader: only };
  }
  for (;;) {
    // A restore may put another file there while this one is being opened; once it is open, it is
    // in use and nobody replaces it (sqlite-file.ts).
    const before = identityOf(path);
    try {
      const writer = connect(path);
      if (identityOf(path) === before) return { writer, reader: connect(path, 'reading') };
      writer.close();
    } catch (error) {
      if (identityOf(path) === before) throw error;
    }
  }
}

const identityOf = (path: string): string => {
  const { dev, ino } = statSync(path, { bigint: true });
  return `${dev}:${ino}`;
};

/** On a connection of its own, in one transaction. */
export async function readAtOneMoment<T>(path: string, work: (db: Db) => Promise<T>): Promise<T> {
  const sqlite = connect(path, 'reading');
  try {
    sqlite.exec('BEGIN');
    return await work(new Kysely<Schema>({ dialect: new NodeSqliteDialect(sqlite) }));
  } finally {
    sqlite.close();
  }
}

function connect(path: string, purpose?: 'reading'): DatabaseSync {
  const sqlite = new DatabaseSync(path, {
    timeout: BUSY_TIMEOUT_MS,
    enableForeignKeyConstraints: true,
  });
  enterWal(sqlite);
  // FULL: an answered write must survive power loss; WAL alone would default to NORMAL in places.
  sqlite.exec('PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF;');
  if (purpose === 'reading')
    sqlite.exec(`PRAGMA query_only = ON; PRAGMA cache_size = -${READING_CACHE_KIB}`);
  return sqlite;
}

/** Of several processes that open a new file at once one switches it; SQLite lets none wait for that. */
function enterWal(sqlite: DatabaseSync): void {
  const deadline = performance.now() + BUSY_TIMEOUT_MS;
  for (;;) {
    try {
      sqlite.exec('PRAGMA journal_mode = WAL');
      return;
    } catch (error) {
      if (!isBusy(error) || performance.now() > deadline) throw error;
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, WAL_RETRY_MS);
  }
}

// SQLite gives the -wal and -shm files the mode of the database file, so 0600 covers all three.
function createPrivately(path: string): void {
  createDirectoryOf(path);
  if (existsSync(path)) return;
  closeSync(openSync(path, 'a', 0o600));
  // The mode given to open is narrowed by the umask; an existing file keeps its owner's choice.
  chmodSync(path, 0o600);
}

export function createDirectoryOf(file: string): void {
  const path = dirname(file);
  if (existsSync(path)) return;
  try {
    // One level only: with `recursive`, Node 26 spins for ever where a parent cannot be created.
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    // Another process that starts at the same time was faster.
    if (!existsSync(path)) throw error;
  }
}

/** From here on a lock held by another process must not stop the event loop. */
export const beginServing = (sqlite: DatabaseSync): void =>
  sqlite.exec(`PRAGMA busy_timeout = ${SERVING_BUSY_TIMEOUT_MS}`);

/** Kysely over node:sqlite: prepared statements are kept, transactions take the write lock first. */
export class NodeSqliteDialect extends SqliteDialect {
  readonly #sqlite: DatabaseSync;

  constructor(sqlite: DatabaseSync) {
    super({ database: statementCache(sqlite) });
    this.#sqlite = sqlite;
  }

  override createDriver(): SqliteDriver {
    return new ImmediateDriver({ database: statementCache(this.#sqlite) });
  }

  override createAdapter(): SqliteAdapter {
    return new TransactionalDdlAdapter();
  }
}

class ImmediateDriver extends SqliteDriver {
  // A deferred transaction that upgrades to a write fails at once with SQLITE_BUSY when another
  // process has written since; an immediate one waits its turn.
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'));
  }
}

class TransactionalDdlAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

function statementCache(sqlite: DatabaseSync) {
  const statements = new Map<string, SqliteStatement>();
  const prepare = (sql: string): SqliteStatement => {
    const known = statements.get(sql);
    if (known) return known;
    const statement = adaptStatement(sqlite.prepare(sql));
    if (statements.size < 500) statements.set(sql, statement);
    return statement;
  };
  const close = () => {
    if (sqlite.isOpen) sqlite.close();
  };
  return { prepare, close };
}

function adaptStatement(statement: StatementSync): SqliteStatement {
  const values = (parameters: readonly unknown[]) => parameters as SQLInputValue[];
  return {
    reader: statement.columns().length > 0,
    all: (parameters) => statement.all(...values(parameters)),
    run: (parameters) => statement.run(...values(parameters)),
    iterate: (parameters) => statement.iterate(...values(parameters)),
  };
}

/** A statement that is prepared on its first use, when the schema is there, and then kept. */
export function prepareSqlite<Row>(
  sqlite: DatabaseSync,
  { sql }: CompiledQuery<Row>,
  snapshot: Snapshot = NO_SNAPSHOT,
) {
  let statement: StatementSync | undefined;
  return async (...values: unknown[]): Promise<Row | undefined> => {
    statement ??= sqlite.prepare(sql);
    snapshot.enter();
    try {
      return statement.get(...(values as SQLInputValue[])) as Row | undefined;
    } catch (error) {
      snapshot.leave();
      throw error;
    }
  };
}
