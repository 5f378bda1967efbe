/** Checks of a database file from outside: complete or not, in use or not. */
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import { Kysely } from 'kysely';
import { DatabaseOpenError } from '../faults.ts';
import type { Db, Schema } from '../tables/schema.ts';
import { NodeSqliteDialect } from './builder.ts';
import { isBusy } from './faults.ts';
import { readLastIds } from './last-ids.ts';

// https://www.sqlite.org/fileformat.html#the_database_header: the write version; 2 = WAL.
const WRITE_VERSION_OFFSET = 18;
const WAL = 2;
const PAGES_AT_ONCE = 1000;
const COMPANIONS = ['-wal', '-shm', '-journal'];

/**
 * Whether a file of another program was in use and lacks its `-wal`. Not for a file that this
 * process has open: closing it here would drop SQLite's locks on it.
 */
export function lacksItsWal(path: string): boolean {
  if (!existsSync(path) || existsSync(`${path}-wal`)) return false;
  const file = openSync(path, 'r');
  try {
    const header = Buffer.alloc(WRITE_VERSION_OFFSET + 1);
    readSync(file, header, 0, header.length, 0);
    return header[WRITE_VERSION_OFFSET] === WAL;
  } finally {
    closeSync(file);
  }
}

/** Merges the `-wal` and notes it in the header; does nothing while another connection is open. */
export function sealFile(sqlite: DatabaseSync): void {
  try {
    sqlite.exec('PRAGMA busy_timeout = 0; PRAGMA journal_mode = DELETE');
  } catch {
    // In use, read-only or gone: the file and its -wal stay as they are.
  }
}

/**
 * Copies everything as of one moment into a file that does not exist yet, readable by its owner
 * only, while others go on writing.
 */
export async function copyFile(
  path: string,
  target: string,
  onProgress: (done: number, total: number) => void,
): Promise<void> {
  closeSync(openSync(target, 'wx', 0o600));
  chmodSync(target, 0o600);
  const source = new DatabaseSync(path, { timeout: 5000 });
  try {
    // A snapshot of its own: a write by another process would make the copying start over.
    source.exec('PRAGMA query_only = ON; BEGIN');
    source.prepare('SELECT count(*) FROM sqlite_schema').get();
    await backup(source, target, {
      rate: PAGES_AT_ONCE,
      progress: ({ totalPages, remainingPages }) =>
        onProgress(totalPages - remainingPages, totalPages),
    });
  } finally {
    source.close();
  }
  const copy = new DatabaseSync(target);
  sealFile(copy);
  copy.close();
}

/** A file that no other process has open, or can open until it is released. */
export type Claim = {
  /** The contents of the file. */
  readonly db: Db;
  lastIds(): Promise<Partial<Record<string, number>>>;
  /** Replaces the file by another one atomically; returns the name under which the former file stays. */
  replaceWith(file: string, suffix: string): string;
  release(): void;
};

/** @throws {DatabaseOpenError} when it is not a database, or its header is damaged */
export function claimFile(path: string): Claim | 'in use' {
  let sqlite: DatabaseSync | undefined;
  try {
    sqlite = new DatabaseSync(path, { timeout: 0 });
    // Each connection of a server keeps a shared lock for as long as it is open.
    sqlite.exec('PRAGMA journal_mode = DELETE; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  } catch (error) {
    sqlite?.close();
    if (isBusy(error)) return 'in use';
    const reason = error instanceof Error ? error.message : String(error);
    throw new DatabaseOpenError(`${path}: ${reason}`, { cause: error });
  }
  const held = sqlite;
  const db = new Kysely<Schema>({ dialect: new NodeSqliteDialect(held) });
  return {
    db,
    lastIds: () => readLastIds(db),
    replaceWith(file, suffix) {
      const aside = `${path}${suffix}`;
      try {
        linkSync(path, aside);
      } catch {
        // The file system has no links: for a moment there is no file.
        renameSync(path, aside);
      }
      renameSync(file, path);
      syncDirectory(path);
      return aside;
    },
    release() {
      if (held.isOpen) held.close();
    },
  };
}

/** Moves a file that is not a database away, with its companion files. */
export function setAside(path: string, suffix: string): string {
  for (const companion of ['', ...COMPANIONS])
    if (existsSync(path + companion)) renameSync(path + companion, path + suffix + companion);
  return path + suffix;
}

/** Moves a file to a place where no file may exist. */
export function putInPlace(file: string, path: string): void {
  linkSync(file, path);
  rmSync(file);
  syncDirectory(path);
}

export function removeFile(path: string): void {
  for (const companion of ['', ...COMPANIONS]) rmSync(path + companion, { force: true });
}

/** Flushes its bytes, then its directory entry, to the disk. */
export function syncFile(path: string): void {
  const file = openSync(path, 'r+');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

export function syncDirectory(path: string): void {
  const directory = openSync(dirname(path), 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}
