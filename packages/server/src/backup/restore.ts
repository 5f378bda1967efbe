import { chmodSync, copyFileSync, existsSync } from 'node:fs';
import type { Clock } from '../clock.ts';
import type { LastIds, Tx } from '../database/database.ts';
import { NUMBERED } from '../database/database.ts';
import { type OpenDatabase, openDatabase } from '../database/open.ts';
import { createDirectoryOf } from '../database/sqlite/connection.ts';
import {
  type Claim,
  claimFile,
  putInPlace,
  removeFile,
  setAside,
  syncFile,
} from '../database/sqlite/file.ts';
import type { Db } from '../database/tables/schema.ts';
import { BackupError, type Progress } from './backup-error.ts';
import { examine } from './examine.ts';
import { dropManifest, installationOf, type Manifest } from './manifest.ts';

// More ids than can have been assigned since the backup, if the database that knows is lost.
const UNKNOWN_IDS = 1_000_000;

/** The present state of the target. */
export type Present =
  | { readonly state: 'none' }
  | { readonly state: 'unreadable'; readonly reason: string }
  | { readonly state: 'database'; readonly installation: string; readonly accounts: number };

/** A backup that was checked, and a place that no process uses; nothing has changed yet. */
export type Restore = {
  readonly manifest: Manifest;
  readonly accounts: number;
  readonly present: Present;
  /** The database is the backup's from now on. @returns where the former one is */
  carryOut(begin: Begin): Promise<string | undefined>;
  /** Releases the place; the caller of the preparation calls it in every case. */
  release(): void | Promise<void>;
};

/** What the caller does to the restored database, in the transaction that makes it one. */
export type Begin = (restored: OpenDatabase, tx: Tx) => Promise<{ cutoff: number }>;

export type RestoreOptions = {
  /** The present database need not be readable. */
  readonly force: boolean;
  readonly clock: Clock;
  readonly sleep: (milliseconds: number) => Promise<void>;
  readonly onProgress: Progress;
};

/**
 * Locks an SQLite file that no server uses, so that none can start, and checks the backup that is to
 * replace it.
 *
 * @throws {BackupError} when a server runs, or the backup cannot be trusted
 */
export async function prepareRestore(
  backup: string,
  path: string,
  { force, clock, sleep, onProgress }: RestoreOptions,
): Promise<Restore> {
  if (path === ':memory:')
    throw new BackupError('refused', 'A database in memory cannot be restored into.');
  if (!existsSync(backup)) throw new BackupError('missing', `There is no file ${backup}.`);
  const place = takePlace(path, force);
  const work = `${path}.restoring`;
  const release = () => {
    removeFile(work);
    if (place.kind === 'claimed') place.held.release();
  };
  try {
    const { present, lastIds } = await look(place);
    createDirectoryOf(path);
    removeFile(work);
    copyFileSync(backup, work);
    chmodSync(work, 0o600);
    const { manifest, accounts } = await examine(
      () => openDatabase(`sqlite:${work}`),
      backup,
      onProgress,
    );
    return {
      manifest,
      accounts,
      present,
      release,
      async carryOut(begin) {
        const isSame =
          present.state === 'database' &&
          present.installation !== '' &&
          present.installation === manifest.installation;
        const restored = openDatabase(`sqlite:${work}`);
        const { cutoff } = await beginAnew(restored, lastIds, isSame, begin).finally(
          restored.close,
        );
        syncFile(work);
        // Waits until new tokens are issued after the cutoff.
        await sleep(Math.max(0, cutoff * 1000 - clock.now()));
        const suffix = `.before-restore-${new Date(clock.now()).toISOString().replace(/[-:]|\.\d+/g, '')}`;
        if (place.kind === 'claimed') return place.held.replaceWith(work, suffix);
        const former = place.kind === 'unreadable' ? setAside(path, suffix) : undefined;
        putInPlace(work, path);
        return former;
      },
    };
  } catch (error) {
    release();
    throw error;
  }
}

type Place =
  | { readonly kind: 'empty' }
  | { readonly kind: 'claimed'; readonly held: Claim }
  | { readonly kind: 'unreadable'; readonly reason: string };

function takePlace(path: string, force: boolean): Place {
  if (!existsSync(path)) return { kind: 'empty' };
  try {
    const held = claimFile(path);
    if (held !== 'in use') return { kind: 'claimed', held };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (force) return { kind: 'unreadable', reason };
    throw new BackupError(
      'refused',
      `The present database cannot be read, so nothing tells whether a server uses it (${reason}). Stop every server, then use --force.`,
    );
  }
  throw new BackupError(
    'refused',
    `${path} is in use. Stop every server of it, and whatever else has it open, first.`,
  );
}

async function look(place: Place): Promise<{ present: Present; lastIds: LastIds }> {
  if (place.kind === 'empty') return { present: { state: 'none' }, lastIds: {} };
  if (place.kind === 'unreadable')
    return { present: { state: 'unreadable', reason: place.reason }, lastIds: {} };
  const { db, lastIds } = place.held;
  try {
    const tables = new Set((await db.introspection.getTables()).map(({ name }) => name));
    const present = {
      state: 'database' as const,
      accounts: tables.has('users') ? await accountsIn(db) : 0,
      installation: await installationOf(db),
    };
    return { present, lastIds: await lastIds() };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { present: { state: 'unreadable', reason }, lastIds: {} };
  }
}

async function accountsIn(db: Db): Promise<number> {
  const { count } = await db
    .selectFrom('users')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}

/**
 * Makes the copy of a backup a database of its own.
 *
 * @param lastIds the last ids of the database that it replaces
 * @param isSame whether that database is this installation's latest state, so that no id is unknown
 */
export async function beginAnew(
  restored: OpenDatabase,
  lastIds: LastIds,
  isSame: boolean,
  begin: Begin,
): Promise<{ cutoff: number }> {
  await restored.migrate();
  return restored.transaction(async (tx) => {
    await dropManifest(tx.db);
    const own = await restored.lastIds();
    const floors = NUMBERED.map((table) => [
      table,
      Math.max(lastIds[table] ?? 0, (own[table] ?? 0) + (isSame ? 0 : UNKNOWN_IDS)),
    ]);
    await restored.raiseLastIds(tx, Object.fromEntries(floors));
    return begin(restored, tx);
  });
}
