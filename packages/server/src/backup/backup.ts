/**
 * Copies of a whole installation: backups, their restoring, the move to another database. Owns the
 * form of a backup, the digests that prove a copy, and the list of tables with their keys. Does not
 * own what a table means, nor what a restore voids (sessions/epoch.ts, handed in). Imported by the
 * CLI alone.
 */
import { existsSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Clock } from '../clock.ts';
import { type OpenDatabase, openDatabase } from '../database/open.ts';
import { copyFile, removeFile, syncDirectory, syncFile } from '../database/sqlite/file.ts';
import { BackupError, countTo, type Progress } from './backup-error.ts';
import { digestAll } from './digest.ts';
import { installationOf, type Manifest, writeManifest } from './manifest.ts';
import { countRows, sendAll } from './send.ts';

type Options = {
  readonly overwrite: boolean;
  readonly clock: Clock;
  readonly version: string;
  readonly onProgress: Progress;
};

/**
 * Writes everything as of this moment into `file`, while others go on writing. The file appears
 * under that name only when it is complete, on disk and checked.
 *
 * @throws {BackupError} when the file exists or its directory does not, or what was written is not sound
 */
export async function backUp(
  source: OpenDatabase,
  file: string,
  { overwrite, clock, version, onProgress }: Options,
): Promise<Manifest & { readonly bytes: number }> {
  if (!existsSync(dirname(file)))
    throw new BackupError('missing', `There is no directory ${dirname(file)}.`);
  refuseToReplace(file, overwrite);
  const partial = partialOf(file);
  removeFile(partial);
  try {
    const madeAt = clock.now();
    if (source.file === undefined) await copyRows(source, partial, onProgress);
    else await copyFile(source.file, partial, (done, total) => onProgress('copying', done, total));
    const copy = openDatabase(`sqlite:${partial}`);
    const manifest = await describe(copy, madeAt, version, onProgress).finally(copy.close);
    syncFile(partial);
    refuseToReplace(file, overwrite);
    renameSync(partial, file);
    syncDirectory(file);
    return { ...manifest, bytes: statSync(file).size };
  } finally {
    removeFile(partial);
  }
}

/** The name of a backup while it is written; only a crash leaves such a file behind. */
const partialOf = (file: string): string => `${file}.partial`;

/** For another engine, or a database in memory: row by row into a new file. */
async function copyRows(source: OpenDatabase, file: string, onProgress: Progress): Promise<void> {
  const target = openDatabase(`sqlite:${file}`);
  await sendAll(source, target, onProgress).finally(target.close);
}

async function describe(copy: OpenDatabase, madeAt: number, version: string, onProgress: Progress) {
  await copy.pending();
  const damage = await copy.check();
  if (damage.length > 0)
    throw new BackupError('damaged', `The database is damaged: ${damage.join('; ')}`);
  const tables = await digestAll(
    copy.db,
    countTo('checking', await countRows(copy.db), onProgress),
  );
  const manifest: Manifest = {
    format: 1,
    made_at: madeAt,
    version,
    installation: await installationOf(copy.db),
    tables,
  };
  await copy.transaction((tx) => writeManifest(tx.db, manifest));
  return manifest;
}

function refuseToReplace(file: string, overwrite: boolean): void {
  if (!overwrite && existsSync(file))
    throw new BackupError('refused', `${file} exists. Choose another name, or use --force.`);
}
