/**
 * What the mailbox of an account decides: whether its address is proved, which address it has, and
 * a password set without the old one. Each change is made only if `spend` gives up its one-time
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
export type Spend = (tx: Tx) => Promise<boolean>;

/** Makes the tokens of an account's devices void: they name its address. */
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
  /** Deletes the second factors of an account: all, or those since then. */
  readonly forgetFactors: (tx: Tx, userId: number, since?: number) => Promise<number>;
  /** Whether only an owner who has proved the address is trusted with the account. */
  readonly verifiesAddresses: boolean;
  /** Clears what counts against an account: the owner of its mailbox starts anew. */
  readonly unlock: (tx: Tx, account: string) => Promise<void>;
  readonly audit: Audit;
  readonly clock: Clock;
};

/** How long before a change of address an intruder may have begun. */
const INTRUSION_MS = 86_400_000;

/** Thrown inside a transaction to take all of it back. */
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
      // Another account was given the address at the same moment.
      if (error === NOT_SPENT || isTaken(error)) return undefined;
      throw error;
    }
  }

  /** No operator or owner asked for it: the audit log and a mail tell of it. */
  async function forgetFactors(tx: Tx, user: User, by: Origin, since = 0): Promise<void> {
    if ((await deps.forgetFactors(tx, user.id, since)) === 0) return;
    await audit.record(tx, { event: 'factor.remove', userId: user.id, by });
    await notify(tx, user, 'factor_removed', by);
  }

  return {
    /**
     * Sets a new password for the reader of the mailbox, ends all sessions and mailed tokens, and
     * counts the address as proved. On an address that was not proved before, nothing that was set
     * up is trusted: a pending change and its undo end, and, where addresses are verified, second
     * factors go. If they are not, hardly any address is proved: a reset leaves the factors.
     * A token that an operator handed over proves no address: then only the password changes.
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

    /** Counts the address as proved. */
    async verifyEmail(user: User, by: Origin, spend: Spend): Promise<boolean> {
      const done = await spending(spend, async (tx) => {
        if (!(await store.verifyEmail(tx, user.id, user.canonicalEmail, clock.now())))
          return undefined;
        await audit.record(tx, { event: 'email.verify', userId: user.id, by });
        return true;
      });
      return done ?? false;
    },

    /** Gives the account an address that was proved by `spend`'s token. Sessions go on. */
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
     * Gives an earlier address back, and ends everything that was opened under the later one but the
     * undo of a still earlier one. Second factors go that were added after the change or on the day
     * before: an intruder adds them first, and with one logs in without the password. Older ones stay:
     * the reader of an old mailbox alone must not get past them.
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
