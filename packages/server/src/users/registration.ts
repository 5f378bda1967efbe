/** Creating accounts, over HTTP or by the command line. */

import type { Audit } from '../audit/audit.ts';
import type { Origin } from '../audit/event.ts';
import type { Clock } from '../clock.ts';
import type { Transaction, Tx } from '../database/database.ts';
import { type FieldFault, type FieldFaults, invalidFields } from '../errors.ts';
import { EMAIL_INVALID } from '../http/refusals.ts';
import type { Requester } from '../passwords/fair-queue.ts';
import type { PasswordHasher } from '../passwords/hasher.ts';
import { normalisePassword, type PasswordPolicy } from '../passwords/policy.ts';
import { type Email, parseEmail } from './email.ts';
import type { EndSessions } from './end-sessions.ts';
import { EMAIL_TAKEN, USERNAME_INVALID, USERNAME_TAKEN } from './refusals.ts';
import type { UserStore } from './store.ts';
import type { Account, User } from './user.ts';
import { looksLikeId, parseUsername, type Username } from './username.ts';

export type Registration =
  | { readonly ok: true; readonly user: User }
  | { readonly ok: false; readonly faults: FieldFaults };

/** Whether an address is kept for a change that can still be undone. */
export type IsReserved = (tx: Tx, canonical: string, exceptUser?: number) => Promise<boolean>;

export type Registering = {
  readonly requester?: Requester;
  /** As typed. */
  readonly username?: string | undefined;
  /** Counts an attempt that reveals whether an address is taken, or costs a hash; may refuse it. */
  readonly admit?: (account: string) => Promise<Admitted>;
  /** Runs in the transaction of the registration. */
  readonly within?: (tx: Tx, user: User, by: Origin) => Promise<void>;
  /**
   * Whether an account whose address was never verified is registered anew: nothing of its earlier
   * settings is trusted, least of all its password. Only if such accounts cannot log in.
   */
  readonly replacesUnverified?: boolean;
  /** Whether an account that is registered anew gets another mail. */
  readonly admitMail?: (account: string) => Promise<boolean>;
};

type Admitted = {
  succeed(tx: Tx): Promise<void>;
  abandon(error: unknown): Promise<void>;
};

type Deps = {
  readonly store: UserStore;
  readonly transaction: Transaction;
  readonly hasher: PasswordHasher;
  readonly policy: PasswordPolicy;
  readonly endSessions: EndSessions;
  readonly isReserved: IsReserved;
  readonly newUuid: (() => string) | undefined;
  readonly audit: Audit;
  readonly clock: Clock;
};

/** Its address was never verified, no login succeeded, and no operator gave it a role. */
const isUnclaimed = ({ isActive, awaitsProof, lastLoginAt, claimsVersion, isAdmin }: Account) =>
  isActive && awaitsProof && lastLoginAt === undefined && claimsVersion === 0 && !isAdmin;

const NOT_COUNTED: Admitted = { succeed: async () => {}, abandon: async () => {} };
const NO_NETWORK: Requester = { network: '' };

const refuse = (field: string, ...faults: FieldFault[]): Registration => ({
  ok: false,
  faults: { [field]: faults },
});

type Name = Username | undefined;

/** A username that its owner chooses must not look like an id to the command line. */
function chosen(text: string): Username | 'invalid' {
  const username = parseUsername(text);
  return username && !looksLikeId(username) ? username : 'invalid';
}

export function createRegister(deps: Deps) {
  const { store, transaction, hasher, policy, endSessions, isReserved, newUuid, audit, clock } =
    deps;

  /** An account whose address was never verified gets this password and loses everything else. */
  async function registerAnew(tx: Tx, account: Account, hash: string, by: Origin, name: Name) {
    const issuedBefore = Math.floor(clock.now() / 1000) + 1;
    if (!(await store.replaceUnverified(tx, account.id, hash, issuedBefore))) return undefined;
    // Throwing rolls the new password back.
    if (!(await store.setUsername(tx, account.id, name)))
      throw invalidFields({ username: [USERNAME_TAKEN] });
    const done = await endSessions(tx, account.id, 'password_reset', { issuedBefore, by });
    return { user: { ...account, username: name?.typed }, done };
  }

  async function create(
    tx: Tx,
    email: Email,
    passwordHash: string,
    username: Name,
    awaitsProof = false,
  ) {
    if (await isReserved(tx, email.canonical)) return undefined;
    const now = clock.now();
    const account = { uuid: newUuid?.(), email, username, passwordHash, now, awaitsProof };
    const user = await store.insert(tx, account);
    return user && { user, done: () => {} };
  }

  /**
   * Creates an account. Cheap checks come first: a hash is made only for a free address and an
   * allowed password.
   */
  return async function register(
    email: string,
    password: string,
    by: Origin,
    registering: Registering = {},
  ): Promise<Registration> {
    const { requester = NO_NETWORK, admit = async () => NOT_COUNTED } = registering;
    const address = parseEmail(email);
    if (!address) return refuse('email', EMAIL_INVALID);
    const username = registering.username === undefined ? undefined : chosen(registering.username);
    if (username === 'invalid') return refuse('username', USERNAME_INVALID);
    // Before the address is looked up, so that faults of the password reveal nothing about an
    // account.
    const faults = await policy.faults(password, address.typed, username?.typed);
    if (faults.length > 0) return refuse('password', ...faults);
    hasher.assertCapacity('create', requester);
    const attempt = await admit(address.canonical);
    try {
      const known = await store.findByCanonicalEmail(address.canonical);
      if (known && !(registering.replacesUnverified && isUnclaimed(known)))
        return refuse('email', EMAIL_TAKEN);
      const holder = username && (await store.findByUsername(username.canonical));
      if (holder && holder.id !== known?.id) return refuse('username', USERNAME_TAKEN);
      const hash = await hasher.hash(normalisePassword(password), requester);
      // Otherwise repeated registrations would fill someone else's mailbox.
      const isMailed = !known || ((await registering.admitMail?.(address.canonical)) ?? true);
      const registered = await transaction(async (tx) => {
        const result = known
          ? await registerAnew(tx, known, hash, by, username)
          : await create(tx, address, hash, username, registering.replacesUnverified);
        if (!result) return undefined;
        await attempt.succeed(tx);
        await audit.record(tx, { event: 'user.register', userId: result.user.id, by });
        if (isMailed) await registering.within?.(tx, result.user, by);
        return result;
      });
      await registered?.done();
      if (registered) return { ok: true, user: registered.user };
      const isNameTaken = username && (await store.findByUsername(username.canonical));
      return isNameTaken ? refuse('username', USERNAME_TAKEN) : refuse('email', EMAIL_TAKEN);
    } catch (error) {
      await attempt.abandon(error);
      throw error;
    }
  };
}
