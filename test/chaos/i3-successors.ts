/** I3: a refresh token has at most one successor, ever, over two processes that keep dying. */
import { setTimeout as sleep } from 'node:timers/promises';
import { createRandom } from '../../packages/server/test/sessions/support/faulty.ts';
import { age, ROTATING } from '../../packages/server/test/sessions/support/holder.ts';
import { createPeople } from '../../packages/server/test/sessions/support/people.ts';
import { createEnding } from './support/ending.ts';
import type { Experiment } from './support/experiment.ts';
import { refreshAt, type Server, withLab } from './support/lab.ts';
import { patiently } from './support/patiently.ts';

const SESSIONS = 30;
const PARALLEL = 16;
const SHORT = { sessions: 4, kills: 2, rounds: 30 };

export const successors: Experiment = {
  id: 'I3',
  invariant: 'a refresh token has at most one successor, ever',
  plantedBug: 'SELECT, then UPDATE without the generation',
  run: (options) =>
    withLab(async (lab) => {
      const { seconds, seed, planted, isShort } = options;
      const random = createRandom(seed);
      const start = () => lab.start(planted ? 'I3' : undefined, ROTATING);
      const servers: Server[] = [await start(), await start()];
      const people = await createPeople(lab.databaseUrl, ROTATING);
      const email = await people.newUser();
      const violations: string[] = [];
      let refreshes = 0;
      let rounds = 0;
      let unanswered = 0;
      let kills = 0;
      const hasDoneEnough = () => kills >= SHORT.kills && rounds >= SHORT.rounds;
      const isOver = createEnding(options, hasDoneEnough, violations);

      const killing = (async () => {
        for (;;) {
          await sleep(Math.min(5000, seconds * 300));
          if (isOver()) return;
          const which = random() < 0.5 ? 0 : 1;
          await servers[which]?.kill();
          servers[which] = await start();
          kills++;
        }
      })();

      /** Refreshes a session until the time is over; each token is presented 16 times at once. */
      const session = async (number: number) => {
        let { refresh } = await patiently(() => people.newSession(email));
        while (!isOver()) {
          const answers = await Promise.all(
            Array.from({ length: PARALLEL }, (_, i) =>
              refreshAt(servers[i % 2] ?? { url: '' }, refresh),
            ),
          );
          const seen = new Set<string>();
          for (const answer of answers) {
            if (answer?.status === 200) seen.add(String(answer.body['refresh']));
            else if (answer === undefined || answer.status === 503) unanswered++;
            else {
              const reason = answer.body['reason'] ?? '';
              violations.push(`session ${number}, round ${rounds}: ${answer.status} ${reason}`);
              return;
            }
          }
          if (seen.size > 1)
            violations.push(`session ${number}, round ${rounds}: ${seen.size} successors`);
          refreshes += answers.length;
          rounds++;
          const [successor] = seen;
          if (successor === undefined) await sleep(50);
          // Age it, because a token that was just issued is not spent by a refresh.
          else await patiently(() => age(people, successor));
          refresh = successor ?? refresh;
        }
      };
      await Promise.all(
        Array.from({ length: isShort ? SHORT.sessions : SESSIONS }, (_, i) => session(i)),
      );
      await killing;
      await people.database.close();
      return { figures: { refreshes, rounds, unanswered, kills }, violations };
    }),
};
