/** I3b: a commit that fails does not burn the token; a third of them fail, in frozen time. */
import { type OpenDatabase, openDatabase } from '../../packages/server/src/database/open.ts';
import { createRandom, diskFull } from '../../packages/server/test/sessions/support/faulty.ts';
import { ROTATING } from '../../packages/server/test/sessions/support/holder.ts';
import { createPeople } from '../../packages/server/test/sessions/support/people.ts';
import { createEnding } from './support/ending.ts';
import type { Experiment } from './support/experiment.ts';
import { startInside } from './support/inside.ts';
import { refreshAt, withLab } from './support/lab.ts';
import { plants } from './support/plants.ts';

const SESSIONS = 20;
const P = 0.3;
const P_RESTART = 0.1;
const SHORT = { rotations: 60, failed: 20, pRestart: 0.5 };

export const failedCommits: Experiment = {
  id: 'I3b',
  invariant: 'a failed commit does not burn the token',
  plantedBug: 'a counter in memory that no rollback reaches',
  run: (options) =>
    withLab(async (lab) => {
      const { seed, planted, isShort } = options;
      const random = createRandom(seed);
      const violations: string[] = [];
      let now = Date.now();
      let p = 0;
      let failed = 0;
      const beforeCommit = () => {
        if (random() >= p) return;
        failed++;
        throw diskFull();
      };
      const start = () => {
        const real = openDatabase(lab.databaseUrl, { beforeCommit });
        const database: OpenDatabase = planted ? plants.I3b(real) : real;
        return startInside({ database, variables: ROTATING, clock: { now: () => now } });
      };
      let server = await start();
      const people = await createPeople(lab.databaseUrl, ROTATING);
      const email = await people.newUser();
      const tokens: string[] = [];
      for (let i = 0; i < SESSIONS; i++) tokens.push((await people.newSession(email)).refresh);
      await people.database.close();

      p = P;
      let rotations = 0;
      let restarts = 0;
      const rotate = async (token: string, i: number): Promise<void> => {
        for (let retry = 0; retry < 30; retry++) {
          // A repeat by the client of the rotation has no effect; one by another client would.
          const answer = await refreshAt(server, token, `try ${retry}`);
          if (answer?.status === 200) {
            tokens[i] = String(answer.body['refresh']);
            rotations++;
            return;
          }
          if (answer?.status !== 503) {
            violations.push(`${answer?.status} ${answer?.body['reason']} after ${retry} retries`);
            return;
          }
          // After the window within which a repeated token is tolerated.
          now += 11_000;
        }
        violations.push('30 retries were in vain');
      };
      const hasDoneEnough = () =>
        rotations >= SHORT.rotations && failed >= SHORT.failed && restarts > 0;
      const isOver = createEnding(options, hasDoneEnough, violations);
      while (!isOver() && violations.length < SESSIONS) {
        for (const [i, token] of tokens.entries()) await rotate(token, i);
        now += 60_000;
        if (random() > (isShort ? SHORT.pRestart : P_RESTART)) continue;
        await server.stop();
        // A start writes too, and one whose commit fails is no start.
        p = 0;
        server = await start();
        p = P;
        restarts++;
      }
      const marked = await server.database.db
        .selectFrom('sessions')
        .select('id')
        .where((eb) => eb.or([eb('late_streak', '>', 0), eb('ended_at', 'is not', null)]))
        .execute();
      for (const { id } of marked) violations.push(`${id} was counted as late, or ended`);
      await server.stop();
      return { figures: { rotations, failed, restarts }, violations };
    }),
};
