/** Checks whether a presented code belongs to the account, and spends it once. */
import type { Audit } from '../audit/audit.ts';
import type { Origin } from '../audit/event.ts';
import type { Clock } from '../clock.ts';
import type { Tx } from '../database/database.ts';
import type { Seal } from '../keys/seal.ts';
import type { Notify } from '../users/notify.ts';
import type { User } from '../users/user.ts';
import { hashOf, readCode, readStatic, staticHashes } from './recovery-codes.ts';
import type { FactorStore } from './store.ts';
import { stepOf } from './totp.ts';
import type { StoredTotp } from './totp-store.ts';

/** A code that was right when it was looked up; only `spend` decides. */
export type PresentedCode =
  | { readonly kind: 'totp'; readonly id: number; readonly step: number }
  | { readonly kind: 'recovery_code'; readonly hash: string };

export type Codes = ReturnType<typeof createCodes>;

type Deps = {
  readonly store: FactorStore;
  readonly seal: Seal;
  readonly audit: Audit;
  readonly notify: Notify;
  readonly clock: Clock;
};

/** Binds a sealed secret to its account, so that it cannot be opened in the row of another account. */
export const sealedName = (userId: number): readonly [kid: string, alg: string] => [
  `of user ${userId}`,
  'TOTP',
];

export function createCodes({ store, seal, audit, notify, clock }: Deps) {
  /** @throws {MasterKeyError} when its secret cannot be opened */
  function stepIn(totp: StoredTotp, code: string): number | undefined {
    const [kid, alg] = sealedName(totp.userId);
    const secret = seal.open({ kid, alg, ...totp });
    return stepOf(code, { ...totp, secret }, clock.now());
  }

  return {
    stepIn,

    /** Looks a code up; changes nothing. */
    async present(userId: number, code: string): Promise<PresentedCode | undefined> {
      const recovery = readCode(code);
      if (recovery !== undefined) {
        const hash = hashOf(userId, recovery);
        return (await store.hasCode(userId, hash)) ? { kind: 'recovery_code', hash } : undefined;
      }
      const shown = readStatic(code);
      for (const hash of shown === undefined ? [] : staticHashes(seal, userId, shown))
        if (await store.hasCode(userId, hash)) return { kind: 'recovery_code', hash };
      for (const totp of await store.totp(userId)) {
        const step = totp.isConfirmed ? stepIn(totp, code) : undefined;
        if (step !== undefined && step > totp.lastStep) return { kind: 'totp', id: totp.id, step };
      }
      return undefined;
    },

    /**
     * Spends a code in the transaction of the action that it allows.
     *
     * @returns `false` when it was spent meanwhile, or its factor was removed
     */
    async spend(tx: Tx, user: User, code: PresentedCode, by: Origin): Promise<boolean> {
      const now = clock.now();
      if (code.kind === 'totp') return store.spendStep(tx, code.id, code.step, now);
      if (!(await store.spendCode(tx, user.id, code.hash, now))) return false;
      await audit.record(tx, { event: 'factor.recover', userId: user.id, by });
      await notify(tx, user, 'recovery_code_used', by);
      return true;
    },
  };
}
