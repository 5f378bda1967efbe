import { chmodSync, copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '../database/open.ts';
import { BackupError } from './backup-error.ts';
import { examine } from './examine.ts';
import { beginAnew, type Restore, type RestoreOptions } from './restore.ts';
import { refuseUnlessEmpty, sendAll } from './send.ts';

/**
 * Checks a backup that is to fill an empty database on a server. A copy of the backup is prepared as
 * a restore prepares it, and sent in one transaction, so the target gets all of it or nothing.
 *
 * @throws {BackupError} when the target is not empty, or the backup cannot be trusted
 */
export async function prepareFill(
  backup: string,
  url: string,
  { clock, sleep, onProgress }: Omit<RestoreOptions, 'force'>,
): Promise<Restore> {
  if (!existsSync(backup)) throw new BackupError('missing', `There is no file ${backup}.`);
  // mkdtemp uses mode 0700: a backup is as secret as the database.
  const directory = mkdtempSync(join(tmpdir(), 'gatepass-restore-'));
  const target = openDatabase(url);
  const release = async () => {
    rmSync(directory, { recursive: true, force: true });
    await target.close();
  };
  try {
    await target.pending();
    await refuseUnlessEmpty(target);
    const work = join(directory, 'work.db');
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
      present: { state: 'none' },
      release,
      async carryOut(begin) {
        const restored = openDatabase(`sqlite:${work}`);
        try {
          const { cutoff } = await beginAnew(restored, {}, false, begin);
          // Waits until new tokens are issued after the cutoff.
          await sleep(Math.max(0, cutoff * 1000 - clock.now()));
          await sendAll(restored, target, onProgress);
        } finally {
          await restored.close();
        }
        return undefined;
      },
    };
  } catch (error) {
    await release();
    throw error;
  }
}
