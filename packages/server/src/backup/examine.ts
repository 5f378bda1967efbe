import { MigrationError } from '../database/migrations.ts';
import type { Readable } from '../database/sqlite/looks.ts';
import { BackupError, type Progress } from './backup-error.ts';
import { digestAll } from './digest.ts';
import { readManifest } from './manifest.ts';

/**
 * Reads a whole backup.
 *
 * @param open opens it, or a copy of it
 * @param backup its name, for messages
 * @throws {BackupError} {MigrationError} when the file cannot be trusted, or not be read by us
 */
export async function examine(open: () => Readable, backup: string, onProgress: Progress) {
  const database = tryToOpen(open, backup);
  try {
    const findings = await database.check().catch((error: Error) => [error.message]);
    const isRawCopy = (await database.warnings()).length > 0;
    const [finding] = findings;
    if (finding !== undefined && !isRawCopy) throw damaged(backup, finding);
    const manifest = await readManifest(database.db).catch(() => undefined);
    if (!manifest) throw await foreign(database, backup, isRawCopy);
    try {
      await database.pending();
    } catch (error) {
      if (!(error instanceof MigrationError)) throw error;
      throw new MigrationError(
        `${backup} was made by Gatepass ${manifest.version}, which is newer than this one. Restore it with that version.`,
      );
    }
    const total = Object.values(manifest.tables).reduce((sum, { rows }) => sum + rows, 0);
    let done = 0;
    const digests = await digestAll(database.db, (rows) => {
      done += rows;
      onProgress('checking', Math.min(done, total), total);
    });
    for (const [table, { rows, digest }] of Object.entries(manifest.tables)) {
      const found = digests[table as keyof typeof digests];
      if (found?.digest !== digest || found.rows !== rows)
        throw damaged(backup, `${table} is not what was backed up`);
    }
    return { manifest, accounts: manifest.tables.users?.rows ?? 0 };
  } finally {
    await database.close();
  }
}

function tryToOpen(open: () => Readable, backup: string): Readable {
  try {
    return open();
  } catch (error) {
    // If a copy was opened, the message names the copy; the cause does not.
    const reason = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    throw damaged(backup, reason instanceof Error ? reason.message : String(reason));
  }
}

const damaged = (backup: string, what: string) =>
  new BackupError('damaged', `${backup} is not a valid backup: ${what}. Take an older one.`);

async function foreign(
  database: Readable,
  backup: string,
  isRawCopy: boolean,
): Promise<BackupError> {
  const tables = await database.db.introspection.getTables();
  const isOurs = isRawCopy || tables.some(({ name }) => name === 'users');
  return new BackupError(
    'refused',
    isOurs
      ? `${backup} is a copy of a database file, not a backup: whether its latest changes are in it cannot be told. Make backups with "gatepass db backup".`
      : `${backup} is not a backup of Gatepass.`,
  );
}
