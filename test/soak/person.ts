/** One honest user, for as long as the soak lasts: every promise that a client relies on. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, Caller } from './caller.ts';
import type { Weather } from './weather.ts';

export type World = {
  readonly caller: Caller;
  readonly weather: Weather;
  readonly random: () => number;
  readonly isOver: () => boolean;
  /** Milliseconds between two requests of one person, about. */
  readonly pause: number;
};

const PASSWORD = 'correct horse 9 battery';
// How late another process may learn of a logout, and a margin for a busy machine.
const KNOWN_EVERYWHERE_MS = 1500;
const MAX_TRIES = 15;

export async function live(world: World, name: string): Promise<void> {
  const { caller, weather, random, isOver } = world;
  const credentials = { email: `${name}@example.com`, password: PASSWORD };
  // People move about: each login comes from another network.
  let address = '';
  const move = () => {
    const part = () => Math.floor(random() * 254) + 1;
    address = `10.${part()}.${part()}.${part()}`;
  };
  const rest = () => sleep(world.pause * (0.5 + random()));
  const post = (kind: string, path: string, body: object, expect = [200]) =>
    caller.call({ kind, path: `/api/${path}`, body, address, expect });
  const refresh = (token: string) => post('refresh', 'token/refresh', { refresh: token });

  /** Until it is answered: what was refused or broke off is tried again, as a client would. */
  async function insist(
    attempt: (isFirst: boolean) => Promise<Answer | undefined>,
  ): Promise<Answer | undefined> {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const answer = await attempt(tries === 0);
      if (answer || isOver()) return answer;
      await rest();
    }
    return undefined;
  }

  async function spend(token: string): Promise<string> {
    const answer = await insist(() => refresh(token));
    return String(answer?.body['refresh'] ?? token);
  }

  async function inTabs(token: string): Promise<string> {
    const answers = await Promise.all([refresh(token), refresh(token), refresh(token)]);
    const successors = new Set(answers.flatMap((each) => (each ? [each.body['refresh']] : [])));
    if (successors.size > 1) caller.complain(`refresh: ${successors.size} successors of one token`);
    const [successor] = successors;
    return typeof successor === 'string' ? successor : spend(token);
  }

  async function losingTheAnswer(token: string): Promise<string> {
    const path = '/api/token/refresh';
    const body = { refresh: token };
    const hangUpAfter = 1 + Math.floor(random() * 8);
    await caller.call({ kind: 'refresh', path, body, address, expect: [200], hangUpAfter });
    return spend(token);
  }

  async function leave(access: string, token: string): Promise<void> {
    const out = await insist(() => post('logout', 'token/blacklist', { refresh: token }));
    if (!out) return;
    const known = performance.now();
    // A process that was stopped meanwhile has to read first what it missed.
    do await sleep(KNOWN_EVERYWHERE_MS);
    while (weather.stoodStill(known) && weather.stoodStill(performance.now()) && !isOver());
    await post('after logout', 'token/verify', { token: access }, [401]);
    await post('after logout', 'token/refresh', { refresh: token }, [401]);
  }

  move();
  // 400, taken: the answer to an earlier attempt was lost.
  const register = (isFirst: boolean) =>
    post('register', 'users', credentials, isFirst ? [201] : [201, 400]);
  if (!(await insist(register))) return;
  while (!isOver()) {
    move();
    if (random() < 0.1) {
      await post('wrong password', 'token', { ...credentials, password: 'wrong' }, [401]);
      move();
    }
    const pair = await insist(() => post('login', 'token', credentials));
    if (!pair) continue;
    const access = String(pair.body['access']);
    let token = String(pair.body['refresh']);
    for (let steps = 5 + Math.floor(random() * 15); steps > 0 && !isOver(); steps--) {
      await rest();
      const dice = random();
      if (dice < 0.4) await post('verify', 'token/verify', { token: access });
      else if (dice < 0.5) await post('verify a refresh token', 'token/verify', { token });
      else if (dice < 0.6) {
        const path = random() < 0.5 ? '/api/users/me' : '/api/sessions';
        await caller.call({ kind: 'bearer', path, method: 'GET', access, address, expect: [200] });
      } else if (dice < 0.85) token = await spend(token);
      else if (dice < 0.95) token = await inTabs(token);
      else token = await losingTheAnswer(token);
    }
    await leave(access, token);
  }
}
