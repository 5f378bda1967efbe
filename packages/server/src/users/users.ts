/**
 * Accounts: registration, credentials, state. Owns the rules (who may log in, what an address and
 * a password must be) and the `users` table; does not own tokens or HTTP. Imported by token/,
 * routes.ts, app.ts and the CLI.
 */
import type { Clock } from '../clock.ts';
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

type Deps = {
  store: UserStore;
  hasher: PasswordHasher;
  policy: PasswordPolicy;
  clock: Clock;
};

export function createUsers({ store, hasher, policy, clock }: Deps) {
  const refuse = (field: string, ...faults: FieldFault[]) =>
    ({ ok: false, faults: { [field]: faults } }) as const;

  /** Passwords are void from the next whole second; see docs/decisions/006. */
  const nextSecond = () => Math.floor(clock.now() / 1000) + 1;

  async function storePassword(user: User, password: string) {
    const faults = await policy.faults(password, user.email);
    if (faults.length > 0) return refuse('password', ...faults);
    const hash = await hasher.hash(normalisePassword(password));
    await store.setPasswordHash(user.id, hash, nextSecond());
    return { ok: true, user } as const;
  }

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
      const user = await store.insert(address, hash, clock.now());
      return user ? { ok: true, user } : refuse('email', { code: 'email_taken' });
    },

    /**
     * The account of these credentials, or `undefined`: one answer, after one hash, whether the
     * address is unknown, the account disabled or the password wrong.
     */
    async authenticate(
      email: string,
      password: string,
      signal?: AbortSignal,
    ): Promise<User | undefined> {
      const address = parseEmail(email);
      const account = address && (await store.findByCanonicalEmail(address.canonical));
      const stored = account?.isActive ? account.passwordHash : undefined;
      const given = normalisePassword(password);
      const matches = await hasher.verify(stored, given, signal);
      if (!account || stored === undefined || !matches) return undefined;
      const rehash = hasher.isOutdated(stored)
        ? { hash: await hasher.hash(given, signal), replaces: stored }
        : undefined;
      await store.recordLogin(account.id, clock.now(), rehash);
      return account;
    },

    findById: (id: number): Promise<User | undefined> => store.findById(id),

    async findByEmail(email: string): Promise<User | undefined> {
      const address = parseEmail(email);
      return address && store.findByCanonicalEmail(address.canonical);
    },

    list: (after: number, size: number): Promise<Account[]> => store.page(after, size),

    /** Sets a new password; every token issued before becomes void. */
    setPassword: storePassword,

    setActive: (user: User, isActive: boolean) => store.setActive(user.id, isActive),

    remove: (user: User) => store.remove(user.id),
  };
}
