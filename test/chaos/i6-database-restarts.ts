/** I6: a restart of the database causes 503s, not wrong responses. */
import { setTimeout as sleep } from 'node:timers/promises';
import { createRandom } from '../../packages/server/test/sessions/support/faulty.ts';
import { ROTATING } from '../../packages/server/test/sessions/support/holder.ts';
import { createPeople } from '../../packages/server/test/sessions/support/people.ts';
import { PASSWORD } from '../../packages/server/test/support/service.ts';
import type { Experiment } from './support/experiment.ts';
import { type Answer, ask, refreshAt, verifyAt, withLab } from './support/lab.ts';

const HOLDERS = 8;
const RECOVERY_MS = 5000;

export const databaseRestarts: Experiment = {
  id: 'I6',
  invariant: 'a database restart is an outage, not a lie: 503, and back within 5 s',
  plantedBug: 'errors of the pool are swallowed as "not found"',
  engine: 'postgres',
  run: ({ seconds, seed, planted }) =>
    withLab(async (lab) => {
      const { postgres } = lab;
      if (!postgres) throw new Error('no PostgreSQL');
      const random = createRandom(seed);
      const plant = planted ? 'I6' : undefined;
      const servers = await Promise.all([lab.start(plant, ROTATING), lab.start(plant, ROTATING)]);
      const people = await createPeople(lab.databaseUrl, ROTATING);
      const violations: string[] = [];
      const figures = { answered: 0, refused: 0, restarts: 0, 'slowest recovery in ms': 0 };
      let isOver = false;

      /** All requests are valid, so a request that is not granted must fail because of the outage. */
      const note = (what: string, answer: Answer | undefined): boolean => {
        const isGranted = answer?.status === 200;
        if (isGranted) figures.answered++;
        else if (answer?.status === 503) figures.refused++;
        else violations.push(`${what}: ${answer?.status ?? 'no answer'}`);
        return isGranted;
      };
      const holder = async () => {
        const email = await people.newUser();
        let { access, refresh } = await people.newSession(email);
        while (!isOver) {
          const server = servers[random() < 0.5 ? 0 : 1] ?? { url: '' };
          const refreshed = await refreshAt(server, refresh);
          if (note('refresh', refreshed)) {
            access = String(refreshed?.body['access']);
            refresh = String(refreshed?.body['refresh']);
          }
          const verified = await verifyAt(server, access);
          if (verified?.status !== 200) violations.push(`verify: ${verified?.status}`);
          note('Bearer', await ask(server, '/api/users/me', { method: 'GET', access }));
          if (random() < 0.1)
            note('login', await ask(server, '/api/token', { body: { email, password: PASSWORD } }));
          await sleep(20 * random());
        }
      };
      const holders = Array.from({ length: HOLDERS }, holder);
      const deadline = performance.now() + seconds * 1000;
      do {
        await sleep(500 + 500 * random());
        await postgres.stop('immediate');
        await sleep(500 * random());
        await postgres.start();
        const since = performance.now();
        for (const { url } of servers)
          while ((await fetch(`${url}/readyz`)).status !== 200) {
            if (performance.now() - since > 2 * RECOVERY_MS) break;
            await sleep(20);
          }
        const took = Math.round(performance.now() - since);
        if (took > RECOVERY_MS) violations.push(`ready again after ${took} ms`);
        figures['slowest recovery in ms'] = Math.max(figures['slowest recovery in ms'], took);
        figures.restarts++;
      } while (performance.now() < deadline);
      isOver = true;
      await Promise.all(holders);
      await people.database.close();
      return { figures, violations };
    }, 'postgres'),
};
