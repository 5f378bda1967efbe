/** Opens SQLite files of another program without changing them or their directory. */
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

type Untouched = {
  readonly sqlite: DatabaseSync;
  /** @throws {Error} when a write has made the data that was read unreliable */
  close(): void;
};

const TIMEOUT_MS = 5000;
const COPY_ATTEMPTS = 5;

/**
 * A read-only connection. By default SQLite would create a `-wal` and a `-shm` beside a file in WAL
 * mode, and could not open it in a read-only directory.
 *
 * @throws {Error} when the file is missing, not a database, locked, or written all the time
 */
export function openUntouched(path: string): Untouched {
  const file = existsSync(path) ? realpathSync(path) : path;
  if (existsSync(`${file}-wal`))
    // An existing WAL index is read in place; without one SQLite would have to create it.
    return existsSync(`${file}-shm`) ? open(file, 'readonly_shm=1') : openCopy(file, '-wal');
  // In WAL mode and closed: everything is in the file, and no program has it open.
  if (lacksItsWal(file)) return openUnused(file);
  try {
    return open(file, 'mode=ro');
  } catch (error) {
    // A crash left the journal: a copy is rolled back.
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

/** Begins the transaction, so that all reads are as of this moment. */
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

/** Opens a copy of a file and its companion; the copy may be written to. */
function openCopy(file: string, companion: string): Untouched {
  // mkdtemp uses mode 0700: the copy contains password hashes.
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
      // The copy has the mode of the source, which may be read-only.
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
