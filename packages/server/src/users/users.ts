/**
 * Accounts: registration, state, new passwords. Owns the rules for addresses and passwords and the
 * `users` table; comparing passwords is credentials.ts. Does not own sessions, tokens or HTTP: ending
 * sessions is passed in as `endSessions`. Imported by token/, routes.ts, services.ts and the CLI.
 */
import type { Audit } from '../audit/audit.ts';
import type { Origin } from '../audit/event.ts';
import type { Clock } from '../clock.ts';
import type { PublicId } from '../config/public-id.ts';
import type { Transaction, Tx } from '../database/database.ts';
import type { FieldFault } from '../errors.ts';
import type { Requester } from '../passwords/fair-queue.ts';
import type { PasswordHasher } from '../passwords/hasher.ts';
import { normalisePassword, type PasswordPolicy } from '../passwords/policy.ts';
import type { RecordStaleClaims } from '../revocations/stale-claims.ts';
import { createAssignEmail } from './assign-email.ts';
import { createWithoutPassword } from './create-account.ts';
import type { Proof } from './credentials.ts';
import { accountOf } from './email.ts';
import type { EndSessions, ForgetSessions } from './end-sessions.ts';
import { createLookup } from './lookup.ts';
import type { ForgetDevices, VoidTokens } from './mailbox.ts';
import type { Notify } from './notify.ts';
import { createRegister, type IsReserved, type Registration } from './registration.ts';
import { createRemoval, type ForgetMail } from './removal.ts';
import {
  createGrantAdmin,
  createSetAdmin,
  keepAnAdministrator,
  type RevokeKeys,
  type Verification,
} from './set-admin.ts';
import { createSetClaims } from './set-claims.ts';
import { createSetUsername } from './set-username.ts';
import type { Places, SortedPage } from './sorted-pages.ts';
import type { UserStore } from './store.ts';
import type { Account, Page, User } from './user.ts';
import { parseUsername } from './username.ts';

export type Users = ReturnType<typeof createUsers>;

/** The CLI as a requester: it never disconnects and belongs to no network. */
const NOBODY: Requester = { network: '' };

type Deps = {
  store: UserStore;
  transaction: Transaction;
  hasher: PasswordHasher;
  policy: PasswordPolicy;
  endSessions: EndSessions;
  endAdminLogins: (tx: Tx, userId: number) => Promise<void>;
  forgetSessions: ForgetSessions;
  forgetMail: ForgetMail;
  revokeKeys: RevokeKeys;
  verification: Verification;
  /** Clears the counts of limits against an account, by its canonical address. */
  unlock: (tx: Tx, account: string) => Promise<void>;
  unlockFactor: (tx: Tx, userId: number) => Promise<void>;
  isReserved: IsReserved;
  voidTokens: VoidTokens;
  forgetDevices: ForgetDevices;
  notify: Notify;
  recordStaleClaims: RecordStaleClaims;
  /** What the user's id is called in tokens. */
  userIdClaim: string;
  /** Makes the UUID of a new account; absent: its public id is the integer. */
  newUuid: (() => string) | undefined;
  audit: Audit;
  clock: Clock;
};

export function createUsers(deps: Deps) {
  const { store, transaction, hasher, policy, endSessions, unlock, notify, audit, clock } = deps;
  const refuse = (field: string, ...faults: FieldFault[]) =>
    ({ ok: false, faults: { [field]: faults } }) as const;

  /** Attempts are counted separately under each of its names. */
  async function unlockAll(tx: Tx, user: User): Promise<void> {
    await unlock(tx, accountOf(user.email));
    const username = user.username === undefined ? undefined : parseUsername(user.username);
    if (username) await unlock(tx, username.canonical);
    await deps.unlockFactor(tx, user.id);
  }

  /** `iat` counts whole seconds, so tokens issued in this second are void too (docs/decisions/006). */
  const nextSecond = () => Math.floor(clock.now() / 1000) + 1;

  type Replacement = {
    readonly by: Origin;
    /** The session that goes on, or a function that opens it in the transaction of the change. */
    readonly keep?: string | ((tx: Tx) => Promise<string>) | undefined;
    readonly replaces?: string;
    readonly requester?: Requester;
    /** Also clears the counts of limits against the account. */
    readonly unlocks?: true;
  };

  async function replacePassword(
    user: User,
    password: string,
    { by, keep, replaces, unlocks, requester = NOBODY }: Replacement,
  ): Promise<Registration | 'wrong_password'> {
    const faults = await policy.faults(password, user.email, user.username);
    if (faults.length > 0) return refuse('password', ...faults);
    const hash = await hasher.hash(normalisePassword(password), requester);
    const committed = await transaction(async (tx) => {
      const issuedBefore = nextSecond();
      if (!(await store.setPasswordHash(tx, user.id, hash, issuedBefore, replaces)))
        return undefined;
      if (unlocks) await unlockAll(tx, user);
      await audit.record(tx, { event: 'password.change', userId: user.id, by });
      await notify(tx, user, 'password_changed', by);
      const except = typeof keep === 'function' ? await keep(tx) : keep;
      return endSessions(tx, user.id, 'password_changed', { issuedBefore, except, by });
    });
    await committed?.();
    return committed ? { ok: true, user } : 'wrong_password';
  }

  return {
    register: createRegister(deps),

    /** Whether a sessionless token of this `iat` is valid, and remains so until the end of `tx`. */
    holdValid: (tx: Tx, id: number, issuedAt: number): Promise<boolean> =>
      store.holdValid(tx, id, Math.min(Math.max(0, Math.floor(issuedAt)), Number.MAX_SAFE_INTEGER)),

    ...createLookup(store),

    findByPublicId: (id: PublicId): Promise<User | undefined> => store.findByPublicId(id),

    /** A page in one of several orders; the places tell where the next one begins. */
    async sorted(page: SortedPage): Promise<Places & { accounts: Account[] }> {
      const found = await store.sortedPlaces(page);
      return { accounts: await store.findMany(found.places.map(({ id }) => id)), ...found };
    },

    /** Those that are still there. */
    findMany: (ids: readonly number[]): Promise<Account[]> => store.findMany(ids),

    createWithoutPassword: createWithoutPassword(deps),

    /** Audits that an administrator had a link mailed. */
    noteReset: (user: User, by: Origin, within: (tx: Tx) => Promise<void>): Promise<void> =>
      transaction(async (tx) => {
        await audit.record(tx, { event: 'user.reset', userId: user.id, by });
        await within(tx);
      }),

    counts: store.counts,

    list: (page: Page): Promise<Account[]> => store.page(page),

    setClaims: createSetClaims(deps),

    setUsername: createSetUsername(deps),

    setAdmin: createSetAdmin(deps),

    /** Makes an administrator, within `tx`. */
    grantAdmin: createGrantAdmin(deps),

    /** Whether the account is an administrator; if so, this does not change before the end of `tx`. */
    holdAdministrator: store.holdAdministrator,

    /** Whether an administrator can log in; none of them changes before the end of `tx`. */
    hasAdministrator: async (tx: Tx): Promise<boolean> =>
      (await store.holdAdministrators(tx)).length > 0,

    /** Sets a new password, ends the user's sessions and clears the counts of limits. */
    setPassword: (user: User, password: string, by: Origin) =>
      replacePassword(user, password, { by, unlocks: true }),

    /**
     * Sets a new password for a user who has proved the current one.
     *
     * @returns `wrong_password` when it is no longer the one that was proved
     */
    changePassword: (
      { user, checkedHash }: Proof,
      password: string,
      options: Omit<Replacement, 'replaces' | 'unlocks'>,
    ) => replacePassword(user, password, { ...options, replaces: checkedHash }),

    /** Gives the account another address. Sessions go on; mailed tokens, an undo too, are void. */
    setEmail: createAssignEmail(deps),

    /** Clears the counts of limits against the account, so that it can log in at once. */
    async unlock(user: User, by: Origin): Promise<void> {
      await transaction(async (tx) => {
        await unlockAll(tx, user);
        await audit.record(tx, { event: 'user.unlock', userId: user.id, by });
      });
    },

    /** Allows logins, and clears the counts of limits against the account. */
    async enable(user: User, by: Origin): Promise<void> {
      await transaction(async (tx) => {
        await store.enable(tx, user.id);
        await unlockAll(tx, user);
        await audit.record(tx, { event: 'user.enable', userId: user.id, by });
      });
    },

    /** Refuses logins and ends the user's sessions. @throws {Refusal} `last_administrator` */
    async disable(user: User, by: Origin): Promise<void> {
      const committed = await transaction(async (tx) => {
        const issuedBefore = nextSecond();
        await keepAnAdministrator(store, tx, user.id);
        await store.disable(tx, user.id, issuedBefore);
        await audit.record(tx, { event: 'user.disable', userId: user.id, by });
        await deps.revokeKeys(tx, user, by);
        return endSessions(tx, user.id, 'user_disabled', { issuedBefore, by });
      });
      await committed();
    },

    /**
     * Deletes the account and ends its sessions; the id is never assigned again.
     *
     * @param checkedHash the hash that the user's password was compared with
     * @returns `false` when the account's hash has changed meanwhile
     */
    remove: createRemoval(deps),
  };
}
