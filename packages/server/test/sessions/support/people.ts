/** Accounts and sessions of a database, made beside its servers and without the price of a hash. */
import { setTimeout as sleep } from 'node:timers/promises';
import { hash } from '@node-rs/argon2';
import { pino } from 'pino';
import type { Scope } from '../../../src/api-keys/scope.ts';
import { OPERATOR } from '../../../src/audit/event.ts';
import { systemClock as clock } from '../../../src/clock.ts';
import { readConfig } from '../../../src/config/config.ts';
import { openDatabase } from '../../../src/database/open.ts';
import { startKeys } from '../../../src/keys/feature.ts';
import { createOneTimeTokenFeature } from '../../../src/one-time-tokens/feature.ts';
import { createServices } from '../../../src/services.ts';
import { createTokens } from '../../../src/token/tokens.ts';
import { codeAt, STEP } from '../../mfa/support/holder.ts';
import { PASSWORD, SECRET } from '../../support/service.ts';
import type { Pair } from './holder.ts';

/**
 * @param url of a database that a server has migrated
 * @param variables those of its servers; the secret must be SECRET
 */
export async function createPeople(url: string, variables: Record<string, string>) {
  const config = readConfig({ ...variables, GATEPASS_SECRET: SECRET });
  const database = openDatabase(url);
  const logger = pino({ level: 'silent' });
  const deps = { config, database, clock, logger };
  const accounts = createServices(deps);
  const passwordHash = await hash(PASSWORD, { memoryCost: 19_456, timeCost: 2, parallelism: 1 });
  const { keyRing } = await startKeys(deps, accounts);
  const { oneTimeTokens } = createOneTimeTokenFeature(deps, keyRing.deriveKey);
  const { revocations } = accounts;
  const tokens = createTokens({ keyRing, revocations, clock, policy: config });
  const find = async (email: string) => {
    const user = await accounts.users.findByEmail(email);
    if (!user) throw new Error(`no account ${email}`);
    return user;
  };
  let count = 0;
  return {
    database,

    /** An account with PASSWORD. */
    async newUser(): Promise<string> {
      const email = `person${count++}@example.com`;
      const row = {
        email,
        email_canonical: email,
        password_hash: passwordHash,
        is_active: 1,
        created_at: Date.now(),
        last_login_at: null,
      };
      await database.transaction((tx) => tx.db.insertInto('users').values(row).execute());
      return email;
    },

    /** The session of a login whose transaction stays open for so long; resolves to its id. */
    async openSession(email: string, heldMs: number): Promise<string> {
      const user = await find(email);
      const device = { userAgent: '', address: '' };
      const session = await database.transaction(async (tx) => {
        const opened = await accounts.sessions.open(tx, user.id, device);
        if (heldMs > 0) await sleep(heldMs);
        return opened;
      });
      return session.id;
    },

    /** The text of an API key. */
    newKey: async (scope: Scope): Promise<string> =>
      (await accounts.apiKeys.create({ name: 'test', scopes: [scope], days: 1 }, OPERATOR)).text,

    /** What a login gives. */
    async newSession(email: string): Promise<Pair> {
      const user = await find(email);
      const device = { userAgent: '', address: '' };
      const session = await database.transaction((tx) =>
        accounts.sessions.open(tx, user.id, device),
      );
      return tokens.mintPair(session);
    },

    /** Turns an authenticator app on, with the code of the time step before this one. */
    async newFactor(email: string): Promise<{ secret: string; recoveryCodes: readonly string[] }> {
      const user = await find(email);
      const { secret } = await accounts.factors.beginTotp(user, 'App');
      const code = codeAt(secret, Date.now() - STEP);
      const change = { by: OPERATOR, sessionId: undefined };
      const recoveryCodes = await accounts.factors.confirmTotp(user, code, change);
      return { secret, recoveryCodes: recoveryCodes ?? [] };
    },

    /** What a login of an account with a factor is answered. */
    async newChallenge(email: string): Promise<string> {
      const user = await find(email);
      const token = await database.transaction((tx) =>
        oneTimeTokens.issue(tx, user.id, 'second_factor', ''),
      );
      return oneTimeTokens.textsOf(token).link;
    },

    setClaims: async (email: string, claims: object): Promise<void> => {
      await accounts.users.setClaims(await find(email), () => claims, OPERATOR);
    },

    disable: async (email: string): Promise<void> =>
      accounts.users.disable(await find(email), OPERATOR),
    remove: async (email: string): Promise<void> => {
      await accounts.users.remove(await find(email), OPERATOR);
    },
  };
}
