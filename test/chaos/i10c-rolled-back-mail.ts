/** I10c: no mail is sent for a rolled-back change; a third of all commits fail, in frozen time. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type OpenDatabase, openDatabase } from '../../packages/server/src/database/open.ts';
import { startSmtp } from '../../packages/server/test/mail/support/smtp.ts';
import { createRandom, diskFull } from '../../packages/server/test/sessions/support/faulty.ts';
import { createPeople } from '../../packages/server/test/sessions/support/people.ts';
import { createEnding } from './support/ending.ts';
import type { Experiment } from './support/experiment.ts';
import { startInside } from './support/inside.ts';
import { ask, withLab } from './support/lab.ts';
import { plants } from './support/plants.ts';

const P = 0.3;
const AT_ONCE = 8;
const SHORT = { acknowledged: 16, refused: 3 };
const SETTLE_MS = 60_000;

export const rolledBackMail: Experiment = {
  id: 'I10c',
  invariant: 'no mail is sent for a change that was rolled back',
  plantedBug: 'the mail is written beside the transaction of its cause',
  run: (options) =>
    withLab(async (lab) => {
      const { seed, planted } = options;
      const random = createRandom(seed);
      const violations: string[] = [];
      const cleanUps: (() => unknown)[] = [];
      const smtp = await startSmtp({ after: (work) => cleanUps.push(work) });
      let now = Date.now();
      let p = 0;
      const beforeCommit = () => {
        if (random() < p) throw diskFull();
      };
      const real = openDatabase(lab.databaseUrl, { beforeCommit });
      const database: OpenDatabase = planted ? plants.I10c(real) : real;
      const server = await startInside({
        database,
        clock: { now: () => now },
        variables: {
          GATEPASS_SMTP_URL: smtp.url,
          GATEPASS_PUBLIC_URL: 'https://id.example.com',
          GATEPASS_MAIL_FROM: 'no-reply@example.com',
        },
      });
      const people = await createPeople(lab.databaseUrl, {});
      p = P;
      const acknowledged = new Set<string>();
      const refused = new Set<string>();
      const hasDoneEnough = () =>
        acknowledged.size >= SHORT.acknowledged && refused.size >= SHORT.refused;
      const isOver = createEnding(options, hasDoneEnough);
      while (!isOver()) {
        await Promise.all(
          Array.from({ length: AT_ONCE }, async () => {
            const email = await people.newUser();
            const answer = await ask(server, '/api/users/reset_password', { body: { email } });
            (answer?.status === 204 ? acknowledged : refused).add(email);
          }),
        );
        now += 1000;
      }
      p = 0;
      const end = performance.now() + SETTLE_MS;
      for (let left = 1; left > 0; ) {
        now += 60_000;
        await sleep(1100);
        left = (await database.db.selectFrom('outbox').select('id').execute()).length;
        if (performance.now() > end) violations.push(`${left} mails never left`);
        if (violations.length > 0) break;
      }
      const arrived = new Set(smtp.received.map(({ to: [to = ''] }) => to));
      for (const email of acknowledged)
        if (!arrived.has(email)) violations.push(`${email} was answered 204 and got no mail`);
      for (const email of refused)
        if (arrived.has(email)) violations.push(`${email} was answered 503 and got a mail`);
      await people.database.close();
      await server.stop();
      for (const work of cleanUps) await work();
      const figures = { acknowledged: acknowledged.size, refused: refused.size };
      return { figures, violations };
    }),
};
