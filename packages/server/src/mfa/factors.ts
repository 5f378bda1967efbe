/**
 * Second factors: authenticator apps, passkeys and recovery codes. Owns their tables, their secrets at
 * rest and the rule that a code works once. Does not own passwords (users/), sessions or the login that
 * asks for a factor (token/). Imported by token/, services.ts, routes.ts and the CLI.
 */
import type { Audit } from '../audit/audit.ts';
import type { Clock } from '../clock.ts';
import type { Transaction, Tx } from '../database/database.ts';
import { Refusal } from '../errors.ts';
import type { Seal } from '../keys/seal.ts';
import type { Notify } from '../users/notify.ts';
import type { User } from '../users/user.ts';
import { type Codes, sealedName } from './codes.ts';
import { createForget } from './forget.ts';
import type { KindsStore } from './kinds-store.ts';
import type { NewPasskey, PasskeyStore } from './passkey-store.ts';
import { MAX_PASSKEYS } from './passkeys.ts';
import { SECOND_FACTORS_OFF, TOO_MANY_FACTORS } from './refusals.ts';
import type { FactorStore } from './store.ts';
import { DIGITS, enrolmentOf, PERIOD, SECRET_BYTES } from './totp.ts';
import type { StoredTotp } from './totp-store.ts';
import type { Change, TurningOn } from './turning-on.ts';

export type Factors = ReturnType<typeof createFactors>;

/** The kinds of factors that complete a login. */
export type FactorKind = 'totp' | 'passkey' | 'recovery_code';

export type Factor = Pick<StoredTotp, 'id' | 'name' | 'createdAt' | 'lastUsedAt'> & {
  readonly type: 'totp' | 'passkey';
};

type Deps = {
  readonly store: FactorStore;
  readonly kinds: KindsStore;
  readonly passkeys: PasskeyStore;
  readonly codes: Codes;
  readonly seal: Seal;
  readonly audit: Audit;
  readonly notify: Notify;
  readonly turningOn: TurningOn;
  readonly transaction: Transaction;
  readonly clock: Clock;
  readonly random: (bytes: number) => Uint8Array;
  /** The name that an app shows above its codes. */
  readonly issuer: string;
  /** `false` = no login asks for a factor, even if the account has one. */
  readonly isOn: boolean;
};

const MAX_FACTORS = 10;
const PENDING_MS = 15 * 60_000;

export function createFactors(deps: Deps) {
  const { store, kinds, passkeys, codes, seal, audit, notify, transaction, clock, random } = deps;
  const { turnOn, turnOnAlone, endOthers, newCodes } = deps.turningOn;

  const confirmed = async (userId: number, tx?: Tx) =>
    (await store.totp(userId, tx)).filter(({ isConfirmed }) => isConfirmed);

  /** Prepares to turn the pending app on, if this is one of its codes. */
  async function prepareTotp(user: User, code: string) {
    const pending = (await store.totp(user.id)).find(({ isConfirmed }) => !isConfirmed);
    if (!pending || clock.now() - pending.createdAt > PENDING_MS) return undefined;
    const step = codes.stepIn(pending, code);
    if (step === undefined) return undefined;
    const insert = (tx: Tx, now: number) => store.confirm(tx, pending, step, now);
    return { insert, ...newCodes(user.id) };
  }

  return {
    ...codes,

    /** The factors that complete a login of the account; empty = the password alone suffices. */
    async kindsOf(userId: number, tx?: Tx): Promise<FactorKind[]> {
      const on = deps.isOn ? await kinds.kindsOf(userId, tx) : [];
      if (on.length === 0) return [];
      return (await store.codesLeft(userId, tx)) > 0 ? [...on, 'recovery_code'] : on;
    },

    async list(userId: number): Promise<{ factors: Factor[]; codesLeft: number }> {
      const apps = (await confirmed(userId)).map((totp) => ({ ...totp, type: 'totp' as const }));
      const keys = (await passkeys.of(userId)).map((key) => ({ ...key, type: 'passkey' as const }));
      const factors = [...apps, ...keys];
      return { factors, codesLeft: await store.codesLeft(userId) };
    },

    /** Begins to set up an authenticator app. Replaces a pending one. */
    async beginTotp(user: User, name: string): Promise<{ secret: string; uri: string }> {
      if (!deps.isOn) throw new Refusal(SECOND_FACTORS_OFF);
      const totp = { secret: random(SECRET_BYTES), digits: DIGITS, period: PERIOD };
      const sealed = seal.seal(...sealedName(user.id), totp.secret);
      await transaction(async (tx) => {
        if ((await confirmed(user.id, tx)).length >= MAX_FACTORS)
          throw new Refusal(TOO_MANY_FACTORS);
        await store.forgetPending(tx, user.id);
        const row = { ...totp, ...sealed, userId: user.id, name, lastStep: 0 };
        await store.insertTotp(tx, row, clock.now());
      });
      return enrolmentOf(totp, deps.issuer, user.email);
    },

    turnOn,
    prepareTotp,

    /**
     * Turns the pending app on and spends the code that its owner has shown.
     *
     * @returns the new recovery codes; `undefined` = the code is wrong, or no app is pending
     */
    async confirmTotp(user: User, code: string, change: Change): Promise<string[] | undefined> {
      const prepared = await prepareTotp(user, code);
      return prepared && turnOnAlone(user, prepared, change);
    },

    /**
     * Adds a passkey that its owner has just made.
     *
     * @returns the new recovery codes; `undefined` = the passkey is known already
     */
    addPasskey(user: User, passkey: NewPasskey, change: Change): Promise<string[] | undefined> {
      async function insert(tx: Tx, now: number): Promise<boolean> {
        if ((await passkeys.of(user.id, tx)).length >= MAX_PASSKEYS)
          throw new Refusal(TOO_MANY_FACTORS);
        return passkeys.insert(tx, passkey, now);
      }
      return turnOnAlone(user, { insert, ...newCodes(user.id) }, change);
    },

    /** Removes a factor and, with the last one, the recovery codes. @returns whether it was there */
    async remove(user: User, id: number, change: Change): Promise<boolean> {
      const committed = await transaction(async (tx) => {
        await change.hold?.(tx);
        const isRemoved =
          (await store.removeTotp(tx, user.id, id)) || (await passkeys.remove(tx, user.id, id));
        if (!isRemoved) return undefined;
        if ((await kinds.kindsOf(user.id, tx)).length === 0) await store.forget(tx, user.id, 0);
        await audit.record(tx, { event: 'factor.remove', userId: user.id, by: change.by });
        await notify(tx, user, 'factor_removed', change.by);
        return endOthers(tx, user, change);
      });
      await committed?.();
      return committed !== undefined;
    },

    /** Replaces the recovery codes by ten new ones. @returns `undefined` = no factor is on */
    renewCodes(
      user: User,
      { by, hold }: Pick<Change, 'by' | 'hold'>,
    ): Promise<string[] | undefined> {
      const { texts, hashes } = newCodes(user.id);
      return transaction(async (tx) => {
        await hold?.(tx);
        if ((await kinds.kindsOf(user.id, tx)).length === 0) return undefined;
        await store.replaceCodes(tx, user.id, hashes, clock.now());
        await audit.record(tx, { event: 'factor.codes', userId: user.id, by });
        return texts;
      });
    },

    forget: createForget(deps),
  };
}
