/**
 * Checks which account an address and a password belong to. Every check costs one hash and reveals
 * only yes or no; counting attempts is throttle/.
 */
import type { Audit } from '../audit/audit.ts';
import type { Origin } from '../audit/event.ts';
import type { Clock } from '../clock.ts';
import type { Tx } from '../database/database.ts';
import type { Requester } from '../passwords/fair-queue.ts';
import type { PasswordHasher } from '../passwords/hasher.ts';
import { normalisePassword, passwordForms } from '../passwords/policy.ts';
import { accountNamed, type LoginFields, readLoginName } from './login-name.ts';
import type { UserStore } from './store.ts';
import type { Account, User } from './user.ts';
import { parseUsername } from './username.ts';

export type Credentials = ReturnType<typeof createCredentials>;

/** A right password: the account, and the hash that it was compared with. */
export type Proof = { readonly user: User; readonly checkedHash: string };

/** With a new hash, if the stored one has outdated costs and there is capacity. */
export type LoginProof = Proof & { readonly newHash: string | undefined };

type Deps = {
  readonly store: UserStore;
  readonly hasher: PasswordHasher;
  readonly audit: Audit;
  readonly clock: Clock;
  /** The names that a login accepts. */
  readonly loginFields: LoginFields;
};

export function createCredentials({ store, hasher, audit, clock, loginFields }: Deps) {
  /** Costs one hash, whatever is compared. Ill-formed texts hash alike, so they match nothing. */
  const compare = (stored: string | undefined, password: string, requester: Requester) =>
    hasher.verify(password.isWellFormed() ? stored : undefined, passwordForms(password), requester);

  async function prove(
    account: Account | undefined,
    password: string,
    by: Origin,
    requester: Requester,
  ): Promise<Proof | undefined> {
    const stored = account?.isActive ? account.passwordHash : undefined;
    const matches = await compare(stored, password, requester);
    if (account && stored !== undefined && matches) return { user: account, checkedHash: stored };
    const reason = !account ? 'unknown_account' : account.isActive ? 'wrong_password' : 'disabled';
    audit.failedLogin({ event: 'login.fail', userId: account?.id, by, details: { reason } });
    return undefined;
  }

  const findNamed = (text: string) => {
    const named = readLoginName(text, loginFields);
    if (!named) return undefined;
    return named.kind === 'email'
      ? store.findByCanonicalEmail(named.name.canonical)
      : store.findByUsername(named.name.canonical);
  };

  return {
    /** The name under which attempts with this login name are counted. */
    accountOf: (name: string): string => accountNamed(name, loginFields),

    /**
     * Finds the account of these credentials. The result is `undefined`, after the same work, when
     * the name is unknown, the account disabled or the password wrong.
     */
    async check(
      name: string,
      password: string,
      by: Origin,
      requester: Requester,
    ): Promise<LoginProof | undefined> {
      const proof = await prove(await findNamed(name), password, by, requester);
      if (!proof) return undefined;
      const { checkedHash } = proof;
      const newHash = await hasher.renew(checkedHash, normalisePassword(password), requester);
      return { ...proof, newHash };
    },

    /** The same for a known user who is asked for the password again. */
    confirm: async (user: User, password: string, by: Origin, requester: Requester) =>
      prove(await store.findById(user.id), password, by, requester),

    /**
     * Writes a login in its transaction.
     *
     * @returns `false` when the account was disabled, deleted or given another hash since the check
     */
    recordLogin: (tx: Tx, { user, checkedHash, newHash }: LoginProof): Promise<boolean> =>
      store.recordLogin(tx, user.id, clock.now(), checkedHash, newHash),

    /** The same for a right password while a second factor is still required: not yet a login. */
    recordPassword: (tx: Tx, { user, checkedHash, newHash }: LoginProof): Promise<boolean> =>
      store.holdPassword(tx, user.id, checkedHash, newHash ?? checkedHash),

    /** Continues a login whose password was checked before; `undefined` = it may not continue. */
    async resume(userId: number): Promise<LoginProof | undefined> {
      const account = await store.findById(userId);
      if (!account?.isActive || account.passwordHash === undefined) return undefined;
      return { user: account, checkedHash: account.passwordHash, newHash: undefined };
    },

    /** The names under which attempts at this account are counted, its address first. */
    namesOf: ({ canonicalEmail, username }: User): string[] => {
      const name = username === undefined ? undefined : parseUsername(username);
      return [canonicalEmail, ...(name ? [name.canonical] : [])];
    },

    /** Audits an attempt that a limit refused before the password was looked at. */
    async noteThrottled(name: string, by: Origin): Promise<void> {
      const account = await findNamed(name);
      audit.failedLogin({ event: 'login.throttled', userId: account?.id, by });
    },

    /** Refuses early if a hash would wait too long. @throws {Refusal} `unavailable` */
    assertCapacity: (requester: Requester): void => hasher.assertCapacity('compare', requester),
  };
}
