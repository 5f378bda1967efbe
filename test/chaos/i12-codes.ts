/** I12, MF01, MF04: a code of a second factor allows one login, ever, on two nodes that keep dying. */
import { setTimeout as sleep } from 'node:timers/promises';
import { generateSync } from 'otplib';
import { createRandom } from '../../packages/server/test/sessions/support/faulty.ts';
import { createPeople } from '../../packages/server/test/sessions/support/people.ts';
import { createEnding } from './support/ending.ts';
import type { Experiment } from './support/experiment.ts';
import { ask, type Server, withLab } from './support/lab.ts';
import { patiently } from './support/patiently.ts';

const PEOPLE = 10;
const PARALLEL = 12;
const SHORT = { people: 3, kills: 2, codes: 8 };
const STEP_S = 30;

export const codes: Experiment = {
  id: 'I12',
  invariant: 'a code of a second factor is good for one login, ever',
  plantedBug: 'a code that was unspent when it was looked at is spent, whatever happened meanwhile',
  run: (options) =>
    withLab(async (lab) => {
      const { seconds, seed, planted, isShort } = options;
      const random = createRandom(seed);
      const start = () => lab.start(planted ? 'I12' : undefined);
      const servers: Server[] = [await start(), await start()];
      const people = await createPeople(lab.databaseUrl, {});
      const violations: string[] = [];
      const figures = { codes: 0, logins: 0, refused: 0, unanswered: 0, kills: 0 };
      const hasDoneEnough = () => figures.kills >= SHORT.kills && figures.codes >= SHORT.codes;
      const isOver = createEnding(options, hasDoneEnough, violations);

      const killing = (async () => {
        for (;;) {
          await sleep(Math.min(5000, seconds * 300));
          if (isOver()) return;
          const which = random() < 0.5 ? 0 : 1;
          await servers[which]?.kill();
          servers[which] = await start();
          figures.kills++;
        }
      })();

      /** Presents a code with so many challenges at once. @returns how many logins were acknowledged */
      async function present(email: string, code: string, times: number): Promise<number> {
        const challenges: string[] = [];
        for (let i = 0; i < times; i++)
          challenges.push(await patiently(() => people.newChallenge(email)));
        const answers = await Promise.all(
          challenges.map((challenge, i) =>
            ask(servers[i % 2] ?? { url: '' }, '/api/token/second_factor', {
              body: { challenge, code },
            }),
          ),
        );
        let logins = 0;
        for (const answer of answers) {
          if (answer?.status === 200) logins++;
          else if (answer?.status === 401) figures.refused++;
          else if (answer === undefined || answer.status === 503) figures.unanswered++;
          else violations.push(`${email}: ${answer.status}`);
        }
        figures.logins += logins;
        return logins;
      }

      const person = async () => {
        while (!isOver()) {
          const email = await patiently(people.newUser);
          const { secret, recoveryCodes } = await patiently(() => people.newFactor(email));
          const epoch = Math.floor(Date.now() / 1000);
          // The code of the step before turned the app on.
          const now = generateSync({ secret, epoch });
          for (const [i, code] of [now, ...recoveryCodes].entries()) {
            if (isOver()) return;
            const kind = i === 0 ? 'TOTP' : 'recovery';
            const logins = await present(email, code, PARALLEL);
            // An unacknowledged login may have spent the code, so at most one may be acknowledged.
            const later = await present(email, code, 2);
            figures.codes++;
            if (logins + later > 1)
              violations.push(`${email}: ${logins} + ${later} logins with one ${kind} code`);
            const isNext = Date.now() / 1000 > (Math.floor(epoch / STEP_S) + 2) * STEP_S;
            if (i === 0 && isNext) break;
          }
        }
      };
      await Promise.all(Array.from({ length: isShort ? SHORT.people : PEOPLE }, person));
      await killing;
      await people.database.close();
      return { figures, violations };
    }),
};
