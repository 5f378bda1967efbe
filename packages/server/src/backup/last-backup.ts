/** When `gatepass db backup` last wrote a backup; copies that other programs make are not known. */
import type { Database } from '../database/database.ts';

export async function noteBackup({ transaction }: Database, madeAt: number): Promise<void> {
  await transaction(async (tx) => {
    await tx.db.updateTable('installation').set({ last_backup_at: madeAt }).execute();
  });
}

/** Epoch milliseconds; `undefined` = none is known. */
export async function lastBackup({ db }: Database): Promise<number | undefined> {
  const row = await db.selectFrom('installation').select('last_backup_at').executeTakeFirst();
  return row?.last_backup_at ?? undefined;
}
