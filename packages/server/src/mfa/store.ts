/** The rows of apps and recovery codes, and the time from which factors are required. */
import type { Database, Tx } from '../database/database.ts';
import { createRecoveryCodeStore } from './recovery-code-store.ts';
import { createTotpStore } from './totp-store.ts';

export type FactorStore = ReturnType<typeof createFactorStore>;

export function createFactorStore(database: Database) {
  const totp = createTotpStore(database);
  const codes = createRecoveryCodeStore(database);
  return {
    ...totp,
    ...codes,

    /**
     * Records that factors are required from `now` on, unless they already were; `null` = not required.
     *
     * @returns the time from which they are required
     */
    async noteRequired(tx: Tx, now: number | null): Promise<number> {
      const change = tx.db.updateTable('installation').set({ mfa_required_at: now });
      await (now === null
        ? change.where('mfa_required_at', 'is not', null)
        : change.where('mfa_required_at', 'is', null)
      ).execute();
      const row = await tx.db
        .selectFrom('installation')
        .select('mfa_required_at')
        .executeTakeFirstOrThrow();
      return row.mfa_required_at ?? 0;
    },

    /** Deletes the apps and codes that an account got since then. @returns how many apps there were */
    async forget(tx: Tx, userId: number, since: number): Promise<number> {
      const removed = await totp.forgetTotp(tx, userId, since);
      await codes.forgetCodes(tx, userId, since);
      return removed;
    },
  };
}
