/**
 * Changes that the mailbox of an account authorises: verifying the address, changing it, and
 * setting a password without the old one. Each change is made only if `spend` spends its one-time
 * token in the same transaction.
 */
import type { Audit } from '../audit/audit.ts';
import type { Origin } from '../audit/event.ts';
import type { Clock } from '../clock.ts';
import type { Transaction, Tx } from '../database/database.ts';
import { isTaken } from '../database/faults.ts';
import type { FieldFault } from '../errors.ts';
import type { Requester } from '../passwords/fair-queue.ts';
import type { PasswordHasher } from '../passwords/hasher.ts';
import { normalisePassword, type PasswordPolicy } from '../passwords/policy.ts';
import type { Email } from './email.ts';
import type { EndSessions } from './end-sessions.ts';
import type { Notify } from './notify.ts';
import type { UserStore } from './store.ts';
import type { User } from './user.ts';

export type Mailbox = ReturnType<typeof createMailbox>;

/** Spends the token that allows a change. @returns `false` when it was spent or superseded meanwhile */
type Spend = (tx: Tx) => Promise<boolean>;

/** Voids the tokens of an account's devices, which name its address. */
export type ForgetDevices = (tx: Tx, userId: number) => Promise<void>;

/** Ends the mailed tokens of an account; those that undo a change of address only with `undo`. */
export type VoidTokens = (tx: Tx, userId: number, which: { undo: boolean }) => Promise<void>;

type Recovering = {
  readonly by: Origin;
  readonly requester: Requester;
  readonly spend: Spend;
  /** Whether the token came by mail to the address. */
  readonly provesAddress: boolean;
};

type Deps = {
  readonly store: UserStore;
  readonly transaction: Transaction;
  readonly hasher: PasswordHasher;
  readonly policy: PasswordPolicy;
  readonly endSessions: EndSessions;
  readonly voidTokens: VoidTokens;
  readonly forgetDevices: ForgetDevices;
  readonly notify: Notify;
  /** Deletes the second factors of an account: all, or those added since `since`. */
  readonly forgetFactors: (tx: Tx, userId: number, since?: number) => Promise<number>;
  /** Whether an account is trusted only after its address is verified. */
  readonly verifiesAddresses: boolean;
  /** Clears the counts against an account, for a fresh start of its mailbox's owner. */
  readonly unlock: (tx: Tx, account: string) => Promise<void>;
  readonly audit: Audit;
  readonly clock: Clock;
};

/** How long before a change of address an intrusion may have begun. */
const INTRUSION_MS = 86_400_000;

/** Thrown inside a transaction to roll it back. */
const NOT_SPENT = Symbol('not spent');

export function createMailbox(deps: Deps) {
  const { store, transaction, hasher, policy, endSessions, audit, clock } = deps;
  const { voidTokens, notify, unlock } = deps;
  const nextSecond = () => Math.floor(clock.now() / 1000) + 1;

  /** Runs `work` and commits, unless the token was spent before or `work` returns `undefined`. */
  async function spending<T>(spend: Spend, work: (tx: Tx) => Promise<T | undefined>) {
    try {
      return await transaction(async (tx) => {
        if (!(await spend(tx))) throw NOT_SPENT;
        const result = await work(tx);
        if (result === undefined) throw NOT_SPENT;
        return result;
      });
    } catch (error) {
      // Another account got the address at the same moment.
      if (error === NOT_SPENT || isTaken(error)) return undefined;
      throw error;
    }
  }

  /** Neither an operator nor the owner asked for this, so it is audited and mailed. */
  async function forgetFactors(tx: Tx, user: User, by: Origin, since = 0): Promise<void> {
    if ((await deps.forgetFactors(tx, user.id, since)) === 0) return;
    await audit.record(tx, { event: 'factor.remove', userId: user.id, by });
    await notify(tx, user, 'factor_removed', by);
  }

  return {
    /**
     * Sets a new password for the reader of the mailbox, ends all sessions and mailed tokens, and
     * marks the address as verified. If it was not verified before, earlier settings are not
     * trusted: a pending change and its undo end and, if the service verifies addresses, second
     * factors are deleted. If it does not, hardly any address is verified, so a reset keeps the
     * factors. A token that an operator handed over verifies no address: then only the password
     * changes.
     */
    async recoverPassword(
      user: User,
      password: string,
      { by, requester, spend, provesAddress }: Recovering,
    ): Promise<'done' | 'invalid' | { readonly faults: readonly FieldFault[] }> {
      const faults = await policy.faults(password, user.email, user.username);
      if (faults.length > 0) return { faults };
      hasher.assertCapacity('create', requester);
      const hash = await hasher.hash(normalisePassword(password), requester);
      const committed = await spending(spend, async (tx) => {
        const now = clock.now();
        const issuedBefore = nextSecond();
        const isHeld = provesAddress
          ? await store.verifyEmail(tx, user.id, user.canonicalEmail, now)
          : await store.holdAddress(tx, user.id, user.canonicalEmail);
        if (!isHeld) return undefined;
        await store.setPasswordHash(tx, user.id, hash, issuedBefore, undefined);
        const isFirstProof = provesAddress && user.emailVerifiedAt === undefined;
        await voidTokens(tx, user.id, { undo: isFirstProof });
        await audit.record(tx, { event: 'password.reset', userId: user.id, by });
        if (isFirstProof && deps.verifiesAddresses) await forgetFactors(tx, user, by);
        await unlock(tx, user.canonicalEmail);
        await notify(tx, user, 'password_changed', by);
        return endSessions(tx, user.id, 'password_reset', { issuedBefore, by });
      });
      await committed?.();
      return committed ? 'done' : 'invalid';
    },

    /** Marks the address as verified. */
    async verifyEmail(user: User, by: Origin, spend: Spend): Promise<boolean> {
      const done = await spending(spend, async (tx) => {
        if (!(await store.verifyEmail(tx, user.id, user.canonicalEmail, clock.now())))
          return undefined;
        await audit.record(tx, { event: 'email.verify', userId: user.id, by });
        return true;
      });
      return done ?? false;
    },

    /** Gives the account the address that the token of `spend` has verified. Sessions go on. */
    async changeEmail(user: User, email: Email, by: Origin, spend: Spend): Promise<boolean> {
      const done = await spending(spend, async (tx) => {
        if (!(await store.changeEmail(tx, user.id, email, clock.now()))) return undefined;
        await voidTokens(tx, user.id, { undo: false });
        await deps.forgetDevices(tx, user.id);
        await audit.record(tx, { event: 'email.change', userId: user.id, by });
        return true;
      });
      return done ?? false;
    },

    /**
     * Restores an earlier address and ends everything opened under the later one, except the undo
     * of a still earlier one. Deletes second factors added after the change or on the day before
     * it: an intruder adds them first, and could log in with one without the password. Older
     * factors stay: the reader of an old mailbox alone must not get past them.
     */
    async restoreEmail(
      user: User,
      email: Email,
      { by, spend, changedAt }: { by: Origin; spend: Spend; changedAt: number },
    ): Promise<boolean> {
      const committed = await spending(spend, async (tx) => {
        const issuedBefore = nextSecond();
        if (!(await store.changeEmail(tx, user.id, email, clock.now()))) return undefined;
        await voidTokens(tx, user.id, { undo: false });
        await audit.record(tx, { event: 'email.restore', userId: user.id, by });
        const restored = { ...user, email: email.typed, canonicalEmail: email.canonical };
        await forgetFactors(tx, restored, by, changedAt - INTRUSION_MS);
        return endSessions(tx, user.id, 'address_restored', { issuedBefore, by });
      });
      await committed?.();
      return committed !== undefined;
    },
  };
}
