/**
 * Accounts: registration, credentials, state. Owns the rules (who may log in, what an address and
 * a password must be) and the `users` table; does not own sessions, tokens or HTTP: what must end
 * with a password or an account is handed in as `endSessions`. Imported by token/, routes.ts,
 * app.ts and the CLI.
 */
import type { Audit } from '../audit/audit.ts';
import type { Origin } from '../audit/event.ts';
import type { Clock } from '../clock.ts';
import type { Transaction, Tx } from '../database/database.ts';
import type { FieldFault, FieldFaults } from '../errors.ts';
import type { Requester } from '../passwords/fair-queue.ts';
import type { PasswordHasher } from '../passwords/hasher.ts';
import { normalisePassword, type PasswordPolicy, passwordForms } from '../passwords/policy.ts';
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
  options: {
    readonly except?: string | undefined;
    readonly issuedBefore: number;
    readonly by: Origin;
  },
) => Promise<() => void>;

/** The command line: nobody who could go away, and no network. */
const NOBODY: Requester = { network: '' };

type Registering = {
  readonly requester?: Requester;
  /** Counts an attempt that tells whether an address is taken, or costs a hash; may refuse it. */
  readonly admit?: (account: string) => Promise<{ succeed(tx: Tx): Promise<void> }>;
};
const NOT_COUNTED = { succeed: async () => {} };

type Deps = {
  store: UserStore;
  transaction: Transaction;
  hasher: PasswordHasher;
  policy: PasswordPolicy;
  endSessions: EndSessions;
  audit: Audit;
  clock: Clock;
};

export function createUsers(deps: Deps) {
  const { store, transaction, hasher, policy, endSessions, audit, clock } = deps;
  const refuse = (field: string, ...faults: FieldFault[]) =>
    ({ ok: false, faults: { [field]: faults } }) as const;

  /** `iat` counts whole seconds: what was issued in this one is void too (docs/decisions/006). */
  const nextSecond = () => Math.floor(clock.now() / 1000) + 1;

  /** One hash, whatever is compared. Ill-formed texts are alike to the hash and match nothing. */
  const compare = (stored: string | undefined, password: string, requester: Requester) =>
    hasher.verify(password.isWellFormed() ? stored : undefined, passwordForms(password), requester);

  type Replacement = {
    readonly by: Origin;
    readonly keep?: string | undefined;
    readonly replaces?: string;
    readonly requester?: Requester;
  };

  async function replacePassword(
    user: User,
    password: string,
    { by, keep, replaces, requester = NOBODY }: Replacement,
  ): Promise<Registration | 'wrong_password'> {
    const faults = await policy.faults(password, user.email);
    if (faults.length > 0) return refuse('password', ...faults);
    const hash = await hasher.hash(normalisePassword(password), requester);
    const committed = await transaction(async (tx) => {
      const issuedBefore = nextSecond();
      if (!(await store.setPasswordHash(tx, user.id, hash, issuedBefore, replaces)))
        return undefined;
      await audit.record(tx, { event: 'password.change', userId: user.id, by });
      return endSessions(tx, user.id, 'password_changed', { issuedBefore, except: keep, by });
    });
    committed?.();
    return committed ? { ok: true, user } : 'wrong_password';
  }

  return {
    /**
     * Creates an account. Cheap checks come first; only an address that is free and a password
     * that is allowed cost a hash.
     */
    async register(
      email: string,
      password: string,
      by: Origin,
      { requester = NOBODY, admit = async () => NOT_COUNTED }: Registering = {},
    ): Promise<Registration> {
      const address = parseEmail(email);
      if (!address) return refuse('email', { code: 'email_invalid' });
      if (await store.findByCanonicalEmail(address.canonical)) {
        await admit(address.canonical);
        return refuse('email', { code: 'email_taken' });
      }
      const faults = await policy.faults(password, address.typed);
      if (faults.length > 0) return refuse('password', ...faults);
      hasher.assertRoom('create', requester);
      const counted = await admit(address.canonical);
      const hash = await hasher.hash(normalisePassword(password), requester);
      const user = await transaction(async (tx) => {
        const inserted = await store.insert(tx, address, hash, clock.now());
        if (inserted) await counted.succeed(tx);
        if (inserted) await audit.record(tx, { event: 'user.register', userId: inserted.id, by });
        return inserted;
      });
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
      by: Origin,
      requester: Requester,
      onSuccess: (tx: Tx, user: User) => Promise<T>,
    ): Promise<T | undefined> {
      // Twice at most: the first of two logins at once may have renewed the hash of the second.
      for (let attempt = 0; attempt < 2; attempt++) {
        const address = parseEmail(email);
        const account = address && (await store.findByCanonicalEmail(address.canonical));
        const stored = account?.isActive ? account.passwordHash : undefined;
        const matches = await compare(stored, password, requester);
        if (!account || stored === undefined || !matches) {
          const reason = !account
            ? 'unknown_account'
            : account.isActive
              ? 'wrong_password'
              : 'disabled';
          audit.failedLogin({ event: 'login.fail', userId: account?.id, by, details: { reason } });
          return undefined;
        }
        const newHash = await hasher.renew(stored, normalisePassword(password), requester);
        const done = await transaction(async (tx) =>
          (await store.recordLogin(tx, account.id, clock.now(), stored, newHash))
            ? { result: await onSuccess(tx, account) }
            : undefined,
        );
        if (done) return done.result;
      }
      return undefined;
    },

    /** Takes note of a login that was refused unlooked at, because too many had failed. */
    throttled: (by: Origin): void => audit.failedLogin({ event: 'login.throttled', by }),

    /** Refuses, before anything is done for it, what would have to wait too long for its hash. */
    assertRoom: (requester: Requester): void => hasher.assertRoom('compare', requester),

    /** Whether this is the user's password, for what asks for it again. */
    async confirm(user: User, password: string, requester: Requester): Promise<boolean> {
      const account = await store.findById(user.id);
      return compare(account?.passwordHash, password, requester);
    },

    /** Whether a sessionless token of this `iat` is good, and remains so until the end of `tx`. */
    holdValid: (tx: Tx, id: number, issuedAt: number): Promise<boolean> =>
      store.holdValid(tx, id, Math.min(Math.max(0, Math.floor(issuedAt)), Number.MAX_SAFE_INTEGER)),

    findById: (id: number): Promise<User | undefined> => store.findById(id),

    async findByEmail(email: string): Promise<User | undefined> {
      const address = parseEmail(email);
      return address && store.findByCanonicalEmail(address.canonical);
    },

    list: (after: number, size: number): Promise<Account[]> => store.page(after, size),

    /** Sets a new password and ends the user's sessions. */
    setPassword: (user: User, password: string, by: Origin) =>
      replacePassword(user, password, { by }),

    /**
     * The same by the user, who proves it with the current password.
     *
     * @param keep the id of the session that asks and goes on
     * @returns `wrong_password` when the current one is not theirs, or no longer
     */
    async changePassword(
      user: User,
      passwords: { readonly current: string; readonly next: string },
      keep: string | undefined,
      by: Origin,
      requester: Requester,
    ): Promise<Registration | 'wrong_password'> {
      const stored = (await store.findById(user.id))?.passwordHash;
      if (stored === undefined || !(await compare(stored, passwords.current, requester)))
        return 'wrong_password';
      return replacePassword(user, passwords.next, { by, keep, replaces: stored, requester });
    },

    /** Allows logins. */
    async enable(user: User, by: Origin): Promise<void> {
      await transaction(async (tx) => {
        await store.enable(tx, user.id);
        await audit.record(tx, { event: 'user.enable', userId: user.id, by });
      });
    },

    /** Refuses logins and ends the user's sessions. */
    async disable(user: User, by: Origin): Promise<void> {
      const committed = await transaction(async (tx) => {
        const issuedBefore = nextSecond();
        await store.disable(tx, user.id, issuedBefore);
        await audit.record(tx, { event: 'user.disable', userId: user.id, by });
        return endSessions(tx, user.id, 'user_disabled', { issuedBefore, by });
      });
      committed();
    },

    /** Deletes the account and ends its sessions; the id is never given again. */
    async remove(user: User, by: Origin): Promise<void> {
      const committed = await transaction(async (tx) => {
        const issuedBefore = nextSecond();
        // First: a login that is being written on another node is waited for, a later one refused.
        await store.disable(tx, user.id, issuedBefore);
        await audit.record(tx, { event: 'user.delete', userId: user.id, by });
        const done = await endSessions(tx, user.id, 'user_deleted', { issuedBefore, by });
        await store.remove(tx, user.id);
        return done;
      });
      committed();
    },
  };
}
