/** I2: an acknowledged end of a session is never undone, not even by kill -9 within 5 ms. */
import { setTimeout as sleep } from 'node:timers/promises';
import { createRandom } from '../../packages/server/test/sessions/support/faulty.ts';
import type { Pair } from '../../packages/server/test/sessions/support/holder.ts';
import { sessionIdOf } from '../../packages/server/test/sessions/support/holder.ts';
import { createPeople } from '../../packages/server/test/sessions/support/people.ts';
import { PASSWORD } from '../../packages/server/test/support/service.ts';
import { createEnding } from './support/ending.ts';
import type { Experiment } from './support/experiment.ts';
import { ask, refreshAt, type Server, verifyAt, withLab } from './support/lab.ts';

const SHORT_KILLS = 2;

type End = (server: Server, pair: Pair) => ReturnType<typeof ask>;

const password = { current_password: PASSWORD };
/** Each ends the session of the pair; those that ask for the password end it as a by-product. */
const ends: Record<string, End> = {
  logout: (server, { refresh }) => ask(server, '/api/token/blacklist', { body: { refresh } }),
  'logout of one': (server, { access }) =>
    ask(server, `/api/sessions/${sessionIdOf(access)}`, { method: 'DELETE', access }),
  'logout everywhere': (server, { access }) =>
    ask(server, '/api/sessions?scope=all', { method: 'DELETE', access }),
  'deletion of the account': (server, { access }) =>
    ask(server, '/api/users/me', { method: 'DELETE', access, body: password }),
};
const changePassword = (server: Server, { access }: Pair) =>
  ask(server, '/api/users/me/password', {
    access,
    body: { ...password, new_password: 'granite otter parade 41' },
  });

export const endings: Experiment = {
  id: 'I2',
  invariant: 'an acknowledged logout, password change or deletion is never undone',
  plantedBug: 'revoke in memory, flush later',
  run: (options) =>
    withLab(async (lab) => {
      const { seed, planted, isShort } = options;
      const random = createRandom(seed);
      const plant = planted ? 'I2' : undefined;
      const violations: string[] = [];
      let server = await lab.start(plant);
      const people = await createPeople(lab.databaseUrl, {});
      let acknowledged = 0;
      let kills = 0;
      const isOver = createEnding(options, () => kills >= SHORT_KILLS, violations);
      while (!isOver()) {
        const dead: { name: string; pair: Pair }[] = [];
        const jobs = Array.from({ length: isShort ? 1 : 3 }, () => Object.entries(ends)).flat();
        const acts = jobs.map(([name, end]) => async (): Promise<void> => {
          const pair = await people.newSession(await people.newUser());
          return finish(name, pair, end(server, pair));
        });
        // The session that changes the password ends too, and the response has another one.
        const email = await people.newUser();
        const [asking, pair] = [await people.newSession(email), await people.newSession(email)];
        acts.push(() => finish('password change', pair, changePassword(server, asking)));

        const enough = Math.ceil(acts.length * random());
        const { promise: readyToDie, resolve } = Promise.withResolvers<void>();
        const finish = async (name: string, pair: Pair, answer: ReturnType<typeof ask>) => {
          const status = (await answer)?.status;
          if (status !== undefined && status < 300) dead.push({ name, pair });
          if (dead.length >= enough) resolve();
        };
        const acting = Promise.all(acts.map((act) => act()));
        await readyToDie;
        await sleep(5 * random());
        await server.kill();
        await acting;
        kills++;
        acknowledged += dead.length;

        server = await lab.start(plant);
        for (const { name, pair } of dead) {
          const answers = {
            'verify access': await verifyAt(server, pair.access),
            'verify refresh': await verifyAt(server, pair.refresh),
            Bearer: await ask(server, '/api/users/me', { method: 'GET', access: pair.access }),
            refresh: await refreshAt(server, pair.refresh),
          };
          for (const [where, answer] of Object.entries(answers))
            if (answer?.status !== 401)
              violations.push(`${name} was answered; after the crash ${where}: ${answer?.status}`);
        }
      }
      await people.database.close();
      return { figures: { acknowledged, kills }, violations };
    }),
};
