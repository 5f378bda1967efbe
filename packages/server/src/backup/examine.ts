import { MigrationError } from '../database/migrations.ts';
import { type OpenDatabase, openDatabase } from '../database/open.ts';
import { digestAll } from './digest.ts';
import { readManifest } from './manifest.ts';
import { type Progress, TransferError } from './transfer-error.ts';

/**
 * Reads a backup whole.
 *
 * @param work a copy of it, which may be written to
 * @param backup its name, for what is said
 * @throws {TransferError} {MigrationError} when the file cannot be trusted, or not be read by us
 */
export async function examine(work: string, backup: string, onProgress: Progress) {
  const database = tryToOpen(work, backup);
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

function tryToOpen(work: string, backup: string): OpenDatabase {
  try {
    return openDatabase(`sqlite:${work}`);
  } catch (error) {
    throw damaged(backup, error instanceof Error ? error.message : String(error));
  }
}

const damaged = (backup: string, what: string) =>
  new TransferError('damaged', `${backup} is no sound backup: ${what}. Take an older one.`);

async function foreign(
  database: OpenDatabase,
  backup: string,
  isRawCopy: boolean,
): Promise<TransferError> {
  const tables = await database.db.introspection.getTables();
  const isOurs = isRawCopy || tables.some(({ name }) => name === 'users');
  return new TransferError(
    'refused',
    isOurs
      ? `${backup} is a copy of a database file, not a backup: whether its latest changes are in it cannot be told. Make backups with "gatepass db backup".`
      : `${backup} is no backup of Gatepass.`,
  );
}
