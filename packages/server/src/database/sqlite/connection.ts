import { chmodSync, closeSync, existsSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Kysely } from 'kysely';
import type { Report } from '../database.ts';
import type { Db, Schema } from '../tables/schema.ts';
import { NodeSqliteDialect } from './builder.ts';
import { isBusy } from './faults.ts';

// For opening and migrating, before any request is served.
const BUSY_TIMEOUT_MS = 5000;
// Afterwards writers queue in group-commit.ts, and readers wait only for a checkpoint.
const SERVING_BUSY_TIMEOUT_MS = 20;
const WAL_RETRY_MS = 5;
const NOTEWORTHY_MS = 1000;
const OPENING_MS = 1000;
// KiB of the page cache of a reading connection; the default is 2000. A refresh reads three pages of
// its own, so some 1,300 sessions fit (docs/scale.md).
const READING_CACHE_KIB = 16_000;
const MEMORY = ':memory:';

type Opened = {
  readonly writer: DatabaseSync;
  readonly reader: DatabaseSync;
  /** Whether the file was in use and lacks its `-wal`, like a raw copy. */
  readonly isSuspect: boolean;
};

/**
 * Opens (or creates, readable by its owner only) an SQLite file for durable, concurrent use: one
 * connection writes; the other reads, and so never sees uncommitted data.
 *
 * @param report called when another process makes this one wait
 * @param contents the initial contents of a database in memory: a serialised database
 */
export function openSqlite(path: string, report: Report = () => {}, contents?: Uint8Array): Opened {
  // A database in memory belongs to its connection.
  if (path === MEMORY) {
    const only = connect(path);
    if (contents) only.deserialize(contents);
    return { writer: only, reader: only, isSuspect: false };
  }
  createPrivately(path);
  for (;;) {
    // A restore may replace the file while it is being opened; an open file is in use and is not
    // replaced (file.ts).
    const before = identityOf(path);
    try {
      const suspicion = { isSuspect: false };
      const writer = connect(path, { report, suspicion });
      if (identityOf(path) === before)
        return { writer, reader: connect(path, { isReading: true }), ...suspicion };
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
  const sqlite = connect(path, { isReading: true });
  try {
    sqlite.exec('BEGIN');
    return await work(new Kysely<Schema>({ dialect: new NodeSqliteDialect(sqlite) }));
  } finally {
    sqlite.close();
  }
}

type Purpose = {
  readonly isReading?: boolean;
  readonly report?: Report;
  /** Filled with the state of the file before it was opened. */
  readonly suspicion?: { isSuspect: boolean };
};

function connect(path: string, { isReading, report, suspicion }: Purpose = {}): DatabaseSync {
  const hasWal = existsSync(`${path}-wal`);
  const sqlite = new DatabaseSync(path, { timeout: 0, enableForeignKeyConstraints: true });
  try {
    patiently(() => {
      if (suspicion) suspicion.isSuspect = !hasWal && wasInUse(sqlite);
      // Only a read takes the lock that other processes can see; before it, another process that
      // opens the file may have changed the mode (see `wasInUse`).
      for (let tries = 0; tries < 10; tries++) {
        sqlite.exec('PRAGMA journal_mode = WAL');
        readSchema(sqlite);
        if (journalMode(sqlite) === 'wal') break;
      }
    }, report);
    // FULL: an acknowledged write must survive power loss; WAL alone would default to NORMAL in places.
    sqlite.exec(
      `PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}; PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF;`,
    );
    if (isReading) sqlite.exec(`PRAGMA query_only = ON; PRAGMA cache_size = -${READING_CACHE_KIB}`);
    return sqlite;
  } catch (error) {
    sqlite.close();
    throw error;
  }
}

/**
 * Whether the header says that the file was in use (`sealFile` clears that), although nothing uses
 * it now: then a crash or another program closed it, or it is a copy. Read through SQLite, because
 * closing a file by hand drops every lock that this process has on it.
 */
function wasInUse(sqlite: DatabaseSync): boolean {
  try {
    // The switch to DELETE is refused while another process has the file open.
    if (journalMode(sqlite) !== 'wal' || journalMode(sqlite, 'DELETE') !== 'delete') return false;
    // A process that opens the file holds no lock between two steps; it soon continues and sets WAL
    // again.
    for (const deadline = performance.now() + OPENING_MS; performance.now() < deadline; pause(10)) {
      // SQLite returns the mode as of the last read.
      readSchema(sqlite);
      if (journalMode(sqlite) !== 'delete') return false;
    }
    return true;
  } catch (error) {
    if (isBusy(error)) return false;
    throw error;
  }
}

const readSchema = (sqlite: DatabaseSync) =>
  sqlite.prepare('SELECT count(*) FROM sqlite_schema').get();

const pause = (milliseconds: number) =>
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);

const journalMode = (sqlite: DatabaseSync, wanted?: 'DELETE'): unknown =>
  sqlite.prepare(`PRAGMA journal_mode${wanted ? ` = ${wanted}` : ''}`).get()?.['journal_mode'];

/**
 * Several processes may open a new file at once: one switches the mode, and SQLite does not wait
 * for that lock.
 */
function patiently(work: () => void, report: Report = () => {}): void {
  const since = performance.now();
  let isReported = false;
  for (;;) {
    const waited = performance.now() - since;
    if (waited > NOTEWORTHY_MS && !isReported) {
      isReported = true;
      report('info', 'still starting: another process has the database file locked');
    }
    try {
      work();
      return;
    } catch (error) {
      if (!isBusy(error) || waited > BUSY_TIMEOUT_MS) throw error;
    }
    pause(WAL_RETRY_MS);
  }
}

// SQLite gives the -wal and -shm files the mode of the database file, so 0600 covers all three.
function createPrivately(path: string): void {
  createDirectoryOf(path);
  if (existsSync(path)) return;
  closeSync(openSync(path, 'a', 0o600));
  // The umask narrows the mode given to open; an existing file keeps its mode.
  chmodSync(path, 0o600);
}

export function createDirectoryOf(file: string): void {
  const path = dirname(file);
  if (existsSync(path)) return;
  try {
    // One level only: with `recursive`, Node 26 spins for ever where a parent cannot be created.
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    // Another process may have created it at the same time.
    if (!existsSync(path)) throw error;
  }
}

/** From here on a lock held by another process must not stop the event loop. */
export const beginServing = (sqlite: DatabaseSync): void =>
  sqlite.exec(`PRAGMA busy_timeout = ${SERVING_BUSY_TIMEOUT_MS}`);
