/** I5: no access after an account was disabled or deleted, on any node. */
import { setTimeout as sleep } from 'node:timers/promises';
import { DatabaseUnavailableError } from '../../packages/server/src/database/faults.ts';
import { createRandom } from '../../packages/server/test/sessions/support/faulty.ts';
import type { Pair } from '../../packages/server/test/sessions/support/holder.ts';
import { createPeople } from '../../packages/server/test/sessions/support/people.ts';
import { createEnding, createLateEnding } from './support/ending.ts';
import type { Experiment } from './support/experiment.ts';
import { ask, refreshAt, verifyAt, withLab } from './support/lab.ts';

const USERS = 100;
const SHORT_USERS = 12;
/** How long verify may use its memory; refresh and Bearer ask the database. */
const BOUND_MS = 1000;

/** An operator repeats a command that could not reach the database. */
async function untilAvailable(work: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof DatabaseUnavailableError)) throw error;
    }
    await sleep(50);
  }
}

export const disabled: Experiment = {
  id: 'I5',
  invariant: 'no access after disable or delete',
  plantedBug: 'a 60 s cache',
  run: (options) =>
    withLab(async (lab) => {
      const { seconds, seed, planted, isShort } = options;
      const random = createRandom(seed);
      const plant = planted ? 'I5' : undefined;
      const servers = [await lab.start(plant), await lab.start(plant)];
      const people = await createPeople(lab.databaseUrl, {});
      const violations: string[] = [];
      const figures = {
        users: isShort ? SHORT_USERS : USERS,
        granted: 0,
        refused: 0,
        unanswered: 0,
      };
      // One after the other, because on a busy machine a hundred at once wait too long for a connection.
      const sessions: { email: string; pair: Pair }[] = [];
      for (let n = 0; n < figures.users; n++) {
        const email = await people.newUser();
        sessions.push({ email, pair: await people.newSession(email) });
      }
      let ended = 0;
      const isEnough = createEnding(options, () => ended === figures.users, violations);
      const isOver = createLateEnding(isEnough, 1.5 * BOUND_MS);

      const user = async ({ email, pair: { access, refresh } }: (typeof sessions)[number]) => {
        const end = random() < 0.8 ? people.disable : people.remove;
        let isEnding = false;
        let endedAt = Number.POSITIVE_INFINITY;
        const ending = sleep(seconds * 1000 * random()).then(async () => {
          isEnding = true;
          await untilAvailable(() => end(email));
          endedAt = performance.now();
          ended++;
        });

        while (!isOver()) {
          const server = servers[random() < 0.5 ? 0 : 1] ?? { url: '' };
          const sentAt = performance.now();
          const [refreshed, verified, opened] = await Promise.all([
            refreshAt(server, refresh),
            verifyAt(server, access),
            ask(server, '/api/users/me', { method: 'GET', access }),
          ]);
          for (const [name, answer, bound] of [
            ['refresh', refreshed, 0],
            ['verify', verified, BOUND_MS],
            ['Bearer', opened, 0],
          ] as const) {
            if (answer === undefined || answer.status === 503) {
              figures.unanswered++;
              continue;
            }
            if (answer.status !== 200) {
              figures.refused++;
              if (!isEnding) violations.push(`${email} ${name}: ${answer.status} before the end`);
              continue;
            }
            figures.granted++;
            const late = sentAt - endedAt;
            if (late > bound)
              violations.push(`${email} ${name}: 200, ${Math.round(late)} ms after the end`);
          }
          if (refreshed?.status === 200) access = String(refreshed.body['access']);
          await sleep(100 + 200 * random());
        }
        await ending;
      };
      await Promise.all(sessions.map(user));
      await people.database.close();
      return { figures, violations };
    }),
};
