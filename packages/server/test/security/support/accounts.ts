/** Accounts as the command line changes them, beside the running service of a test. */
import { pino } from 'pino';
import { OPERATOR } from '../../../src/audit/event.ts';
import { createServices } from '../../../src/services.ts';
import type { User } from '../../../src/users/user.ts';
import type { Service } from '../../support/service.ts';

export async function accountsOf({ config, database, clock }: Service) {
  const logger = pino({ level: 'silent' });
  const { users } = await createServices({ config, database, clock, logger });
  const get = async (email = 'alice@example.com'): Promise<User> => {
    const user = await users.findByEmail(email);
    if (!user) throw new Error(`no account ${email}`);
    return user;
  };
  return {
    setPassword: async (password: string) => users.setPassword(await get(), password, OPERATOR),
    disable: async () => users.disable(await get(), OPERATOR),
    enable: async () => users.enable(await get(), OPERATOR),
    setEmail: async (email: string) => users.setEmail(await get(), email, OPERATOR),
    setUsername: async (username: string) => users.setUsername(await get(), username, OPERATOR),
    setAdmin: async (isAdmin: boolean, email: string) =>
      users.setAdmin(await get(email), isAdmin, OPERATOR),
    setClaims: async (claims: unknown, email?: string) =>
      users.setClaims(await get(email), () => claims, OPERATOR),
    remove: async () => users.remove(await get(), OPERATOR),
  };
}
