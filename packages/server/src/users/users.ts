/**
 * Accounts: registration, credentials, state. Owns the rules (who may log in, what an address and
 * a password must be) and the `users` table; does not own sessions, tokens or HTTP: what must end
 * with a password or an account is handed in as `endSessions`. Imported by token/, routes.ts,
 * app.ts and the CLI.
 */
import type { Clock } from '../clock.ts';
import type { Transaction, Tx } from '../database/group-commit.ts';
import type { FieldFault, FieldFaults } from '../errors.ts';
import type { PasswordHasher } from '../passwords/hasher.ts';
import { normalisePassword, type PasswordPolicy } from '../passwords/policy.ts';
import { parseEmail } from './email.ts';
import type { UserStore } from './store.ts';
import type { Account, User } from './user.ts';

export type Users = ReturnType<typeof createUsers>;

export type Registration =
  | { readonly ok: true; readonly user: User }
  | { readonly ok: false; readonly faults: FieldFaults };

/**
 * Ends a user's sessions in the transaction of the change that demands it, all or all but one, and
 * voids sessionless tokens issued before `issuedBefore` (epoch seconds). The returned function is
 * called after the commit.
 */
export type EndSessions = (
  tx: Tx,
  userId: number,
  reason: 'password_changed' | 'user_disabled' | 'user_deleted',
  options: { readonly except?: string; readonly issuedBefore: number },
) => Promise<() => void>;

type Deps = {
  store: UserStore;
  transaction: Transaction;
  hasher: PasswordHasher;
  policy: PasswordPolicy;
  endSessions: EndSessions;
  clock: Clock;
};

export function createUsers(deps: Deps) {
  const { store, transaction, hasher, policy, endSessions, clock } = deps;
  const refuse = (field: string, ...faults: FieldFault[]) =>
    ({ ok: false, faults: { [field]: faults } }) as const;

  /** `iat` counts whole seconds: what was issued in this one is void too (docs/decisions/006). */
  const nextSecond = () => Math.floor(clock.now() / 1000) + 1;

  return {
    /**
     * Creates an account. Cheap checks come first; only an address that is free and a password
     * that is allowed cost a hash.
     */
    async register(email: string, password: string, signal?: AbortSignal): Promise<Registration> {
      const address = parseEmail(email);
      if (!address) return refuse('email', { code: 'email_invalid' });
      if (await store.findByCanonicalEmail(address.canonical))
        return refuse('email', { code: 'email_taken' });
      const faults = await policy.faults(password, address.typed);
      if (faults.length > 0) return refuse('password', ...faults);
      const hash = await hasher.hash(normalisePassword(password), signal);
      const user = await transaction((tx) => store.insert(tx, address, hash, clock.now()));
      return user ? { ok: true, user } : refuse('email', { code: 'email_taken' });
    },

    /**
     * The account of these credentials, or `undefined`: one answer, after one hash, whether the
     * address is unknown, the account disabled or the password wrong.
     *
     * @param onSuccess runs in the transaction that records the login
     */
    async authenticate<T>(
      email: string,
      password: string,
      signal: AbortSignal | undefined,
      onSuccess: (tx: Tx, user: User) => Promise<T>,
    ): Promise<T | undefined> {
      const address = parseEmail(email);
      const account = address && (await store.findByCanonicalEmail(address.canonical));
      const stored = account?.isActive ? account.passwordHash : undefined;
      const given = normalisePassword(password);
      const matches = await hasher.verify(stored, given, signal);
      if (!account || stored === undefined || !matches) return undefined;
      const rehash = hasher.isOutdated(stored)
        ? { hash: await hasher.hash(given, signal), replaces: stored }
        : undefined;
      return transaction(async (tx) => {
        await store.recordLogin(tx, account.id, clock.now(), rehash);
        return onSuccess(tx, account);
      });
    },

    /** Whether this is the user's password, for changes that ask for it again. */
    async confirm(user: User, password: string, signal?: AbortSignal): Promise<boolean> {
      const account = await store.findById(user.id);
      return hasher.verify(account?.passwordHash, normalisePassword(password), signal);
    },

    findById: (id: number): Promise<User | undefined> => store.findById(id),

    async findByEmail(email: string): Promise<User | undefined> {
      const address = parseEmail(email);
      return address && store.findByCanonicalEmail(address.canonical);
    },

    list: (after: number, size: number): Promise<Account[]> => store.page(after, size),

    /**
     * Sets a new password and ends the user's sessions.
     *
     * @param keep the id of the session that asked and goes on
     */
    async setPassword(
      user: User,
      password: string,
      keep?: string,
      signal?: AbortSignal,
    ): Promise<Registration> {
      const faults = await policy.faults(password, user.email);
      if (faults.length > 0) return refuse('password', ...faults);
      const hash = await hasher.hash(normalisePassword(password), signal);
      const committed = await transaction(async (tx) => {
        const issuedBefore = nextSecond();
        await store.setPasswordHash(tx, user.id, hash, issuedBefore);
        const options = keep === undefined ? { issuedBefore } : { issuedBefore, except: keep };
        return endSessions(tx, user.id, 'password_changed', options);
      });
      committed();
      return { ok: true, user };
    },

    /** Allows logins. */
    async enable(user: User): Promise<void> {
      await transaction((tx) => store.setActive(tx, user.id, true, user.tokensValidFrom));
    },

    /** Refuses logins and ends the user's sessions. */
    async disable(user: User): Promise<void> {
      const committed = await transaction(async (tx) => {
        const issuedBefore = nextSecond();
        await store.setActive(tx, user.id, false, issuedBefore);
        return endSessions(tx, user.id, 'user_disabled', { issuedBefore });
      });
      committed();
    },

    /** Deletes the account and ends its sessions; the id is never given again. */
    async remove(user: User): Promise<void> {
      const committed = await transaction(async (tx) => {
        const done = await endSessions(tx, user.id, 'user_deleted', { issuedBefore: nextSecond() });
        await store.remove(tx, user.id);
        return done;
      });
      committed();
    },
  };
}
