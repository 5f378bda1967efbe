/** A service with the sample's users, and the changes of state that its cases name. */
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { createAccounts } from '../../src/app.ts';
import type { User } from '../../src/users/user.ts';
import { PASSWORD, startService } from '../support/service.ts';
import type { GoldenCase } from './sample.ts';
import type { Pair, TokenContext } from './tokens.ts';

/** `alice` comes first: the recorded tokens that spell her id out say 1. */
const ADDRESSES = [
  'alice@example.com',
  'Mixed@Example.com',
  'inactive@example.com',
  'gone@example.com',
  'chpw@example.com',
];
const FOLLOWED_MS = 400;
const NEW_PASSWORD = 'another horse 8 battery';

export type World = Awaited<ReturnType<typeof createWorld>>;

export async function createWorld(t: TestContext) {
  const service = await startService(t);
  const { users } = await createAccounts({ ...service, logger: pino({ level: 'silent' }) });
  const ids = new Map<string, number>();
  const pairs = new Map<string, Pair>();
  for (const address of ADDRESSES) {
    const name = address.slice(0, address.indexOf('@')).toLowerCase();
    ids.set(name, (await service.register(address)).body.id);
    pairs.set(name, (await service.login(address)).body);
  }
  const context: TokenContext = { now: Math.floor(service.clock.now() / 1000), ids, pairs };

  const withUser = async (name: string, change: (user: User) => unknown) => {
    const user = await users.findByEmail(`${name}@example.com`);
    if (user) await change(user);
  };
  const states: Record<string, () => Promise<unknown>> = {
    inactive: () => withUser('inactive', (user) => users.disable(user)),
    reactivated: () => withUser('inactive', (user) => users.enable(user)),
    deleted: () => withUser('gone', (user) => users.remove(user)),
    'deleted-reregistered': () => users.register('gone@example.com', PASSWORD),
    pwchange: () => withUser('chpw', (user) => users.setPassword(user, NEW_PASSWORD)),
  };

  return {
    port: service.port,
    context,
    /** Brings the accounts into the state a case is about; may be repeated. */
    async prepare({ name }: GoldenCase): Promise<void> {
      const state = Object.keys(states)
        .filter((each) => name.startsWith(`state/${each}-`))
        .sort((a, b) => b.length - a.length)[0];
      if (state === undefined) return;
      await states[state]?.();
      // As a change by the command line: the running service follows within a second.
      await sleep(FOLLOWED_MS);
    },
  };
}
