import type { OpenDatabase } from '../database/open.ts';
import { BackupError, countTo, type Progress } from './backup-error.ts';
import { type Digests, digestAll } from './digest.ts';
import { countRows, differenceOf, sendAll } from './send.ts';

/**
 * Copies everything into another, empty database of either engine, and makes sure that no process
 * wrote to the source in the meantime.
 *
 * @returns what the target holds, compared row by row with the source
 * @throws {BackupError} as `sendAll`, and when the source changed
 */
export async function copyAll(
  from: OpenDatabase,
  to: OpenDatabase,
  onProgress: Progress,
): Promise<Digests> {
  const sent = await sendAll(from, to, onProgress);
  const progress = countTo('looking for late writes', await countRows(from.db), onProgress);
  const table = differenceOf(sent, await digestAll(from.db, progress));
  if (table === undefined) return sent;
  throw new BackupError(
    'refused',
    `${table} of ${from.description} changed while it was copied. Stop every server of it, empty ${to.description}, and try again.`,
  );
}
