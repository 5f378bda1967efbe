/** The rows of second factors, and of the instant from which they are required. */
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
     * Notes that factors are required from `now` on, unless they have been before; `null` = they are not.
     *
     * @returns since when
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

    /** Deletes the apps and codes that an account has since then. @returns how many apps there were */
    async forget(tx: Tx, userId: number, since: number): Promise<number> {
      const removed = await totp.forgetTotp(tx, userId, since);
      await codes.forgetCodes(tx, userId, since);
      return removed;
    },
  };
}
