/** A service with the sample's users, and the changes of state that its cases name. */
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { OPERATOR } from '../../src/audit/event.ts';
import { createServices } from '../../src/services.ts';
import type { User } from '../../src/users/user.ts';
import { age } from '../sessions/support/holder.ts';
import { PASSWORD, startService } from '../support/service.ts';
import type { GoldenCase, Mode } from './sample.ts';
import type { Pair, TokenContext } from './tokens.ts';

/** `alice` comes first: the recorded tokens that spell her id out say 1. */
const ADDRESSES = [
  'alice@example.com',
  'Mixed@Example.com',
  'inactive@example.com',
  'gone@example.com',
  'chpw@example.com',
];
/** The promise of sessions/revocations.ts: a change made by another process is known by then. */
const FOLLOWED_MS = 30_000;
const LOOK_EVERY_MS = 20;
const NEW_PASSWORD = 'another horse 8 battery';

export type World = Awaited<ReturnType<typeof createWorld>>;

export async function createWorld(t: TestContext, mode: Mode) {
  const service = await startService(t, {
    GATEPASS_ROTATE_REFRESH_TOKENS: String(mode === 'rotate'),
  });
  // As the command line beside the running service, which must follow.
  const { users } = await createServices({ ...service, logger: pino({ level: 'silent' }) });
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
  /** Does not insist: whether the sessions have ended is what the cases ask. */
  const endingSessions = async (name: string, change: (user: User) => unknown) => {
    await withUser(name, change);
    const deadline = performance.now() + FOLLOWED_MS;
    while ((await service.verify(pairs.get(name)?.access)).status === 200) {
      if (performance.now() > deadline) return;
      await sleep(LOOK_EVERY_MS);
    }
  };
  const states: Readonly<Record<string, () => Promise<unknown>>> = {
    inactive: () => endingSessions('inactive', (user) => users.disable(user, OPERATOR)),
    reactivated: () => withUser('inactive', (user) => users.enable(user, OPERATOR)),
    deleted: () => endingSessions('gone', (user) => users.remove(user, OPERATOR)),
    'deleted-reregistered': () => users.register('gone@example.com', PASSWORD, OPERATOR),
    pwchange: () =>
      endingSessions('chpw', (user) => users.setPassword(user, NEW_PASSWORD, OPERATOR)),
  };
  let reached: string | undefined;

  /** Brings the accounts into the state that the cases of this name are about. */
  const reach = async (name: string) => {
    const state = Object.keys(states)
      .filter((each) => name.startsWith(`state/${each}-`))
      .sort((a, b) => b.length - a.length)[0];
    if (state === undefined || state === reached) return;
    reached = state;
    await states[state]?.();
  };

  /** A session of its own whose first token is two generations old: to present it ends the session. */
  const withTokenRotatedTwice = async (): Promise<TokenContext> => {
    const pair: Pair = (await service.login()).body;
    const second = await service.refresh(pair.refresh);
    await age(service, second.body.refresh);
    await service.refresh(second.body.refresh);
    return { ...context, pairs: new Map(pairs).set('alice', pair) };
  };

  return {
    port: service.port,
    /** The state a case is about; the tokens and ids its request is made of. */
    async prepare({ name }: GoldenCase): Promise<TokenContext> {
      await reach(name);
      return name === 'rotate/reuse-old' ? withTokenRotatedTwice() : context;
    },
  };
}
