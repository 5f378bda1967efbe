/** Opens SQLite files that belong to another program, and leaves them and their directory as they are. */
import {
  chmodSync,
  constants,
  copyFileSync,
  existsSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { lacksItsWal } from '../database/sqlite/file.ts';

export type Untouched = {
  readonly sqlite: DatabaseSync;
  /** @throws {Error} when the file was written in a way that what was read cannot be relied on */
  close(): void;
};

const TIMEOUT_MS = 5000;
const COPY_ATTEMPTS = 5;

/**
 * A connection that only reads. Opened the usual way, SQLite would make a `-wal` and a `-shm` beside
 * a file in WAL mode, and could not open it at all in a directory that is read-only.
 *
 * @throws {Error} when the file is not there, not a database, locked, or written all the time
 */
export function openUntouched(path: string): Untouched {
  const file = existsSync(path) ? realpathSync(path) : path;
  if (existsSync(`${file}-wal`))
    // The index of the changes is read where it is; without one SQLite would have to make it.
    return existsSync(`${file}-shm`) ? open(file, 'readonly_shm=1') : openCopy(file, '-wal');
  // In WAL mode, and closed: all is in the file, and no program has it open.
  if (lacksItsWal(file)) return openUnused(file);
  try {
    return open(file, 'mode=ro');
  } catch (error) {
    // Left by a crash: it must be rolled back, which is done to a copy.
    if (existsSync(`${file}-journal`) && !isBusy(error)) return openCopy(file, '-journal');
    throw error;
  }
}

function open(file: string, parameter: string): Untouched {
  const url = pathToFileURL(file);
  url.search = parameter;
  const sqlite = new DatabaseSync(url, { readOnly: true, timeout: TIMEOUT_MS });
  try {
    begin(sqlite);
    return { sqlite, close: () => sqlite.close() };
  } catch (error) {
    sqlite.close();
    throw error;
  }
}

/** Everything that is read is as of this moment. */
function begin(sqlite: DatabaseSync): void {
  sqlite.exec('BEGIN');
  sqlite.prepare('select count(*) from sqlite_schema').get();
}

function openUnused(file: string): Untouched {
  const before = stateOf(file);
  const { sqlite } = open(file, 'immutable=1');
  return {
    sqlite,
    close() {
      sqlite.close();
      if (stateOf(file) !== before || existsSync(`${file}-wal`))
        throw new Error('the file was written while it was read. Import again');
    },
  };
}

/** Of a file and what belongs to it; the copy may be written to. */
function openCopy(file: string, companion: string): Untouched {
  // Made with mode 0700: there are password hashes in it.
  const directory = mkdtempSync(join(tmpdir(), 'gatepass-import-'));
  const remove = () => rmSync(directory, { recursive: true, force: true });
  try {
    const copy = join(directory, basename(file));
    copyUnchanged(file, copy, companion);
    const sqlite = new DatabaseSync(copy, { timeout: TIMEOUT_MS });
    begin(sqlite);
    return {
      sqlite,
      close() {
        sqlite.close();
        remove();
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}

function copyUnchanged(file: string, copy: string, companion: string): void {
  for (let attempt = 0; attempt < COPY_ATTEMPTS; attempt++) {
    const before = stateOf(file, companion);
    for (const suffix of ['', companion]) {
      copyFileSync(file + suffix, copy + suffix, constants.COPYFILE_FICLONE);
      // With the mode of the source it may be read-only.
      chmodSync(copy + suffix, 0o600);
    }
    if (stateOf(file, companion) === before) return;
  }
  throw new Error(
    'the file is written all the time. Stop the program that writes, or import a copy',
  );
}

const stateOf = (file: string, companion = ''): string =>
  ['', companion]
    .map((suffix) => statSync(file + suffix, { bigint: true }))
    .map(({ ino, size, mtimeNs }) => `${ino} ${size} ${mtimeNs}`)
    .join(', ');

const BUSY = 5;
const isBusy = (error: unknown): boolean =>
  error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === BUSY;
