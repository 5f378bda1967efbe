import { existsSync, statSync } from 'node:fs';
import { openForReading } from '../database/sqlite/looks.ts';
import { BackupError, type Progress } from './backup-error.ts';
import { examine } from './examine.ts';
import type { Manifest } from './manifest.ts';

/**
 * Checks a backup in place, which may be read-only, and does not change it.
 *
 * @throws {BackupError} {MigrationError} when it could not be restored
 */
export async function verifyBackup(
  file: string,
  onProgress: Progress,
): Promise<Manifest & { readonly bytes: number }> {
  if (!existsSync(file)) throw new BackupError('missing', `There is no file ${file}.`);
  const { manifest } = await examine(() => openForReading(file), file, onProgress);
  return { ...manifest, bytes: statSync(file).size };
}
