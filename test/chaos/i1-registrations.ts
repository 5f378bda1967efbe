/** I1: an acknowledged registration survives kill -9. */
import { setTimeout as sleep } from 'node:timers/promises';
import { openDatabase } from '../../packages/server/src/database/open.ts';
import { createRandom } from '../../packages/server/test/sessions/support/faulty.ts';
import { PASSWORD } from '../../packages/server/test/support/service.ts';
import { createEnding } from './support/ending.ts';
import type { Experiment } from './support/experiment.ts';
import { ask, type Server, withLab } from './support/lab.ts';

const CLIENTS = 16;
const SHORT = { clients: 4, kills: 2 };
/** Only catches hangs. */
const TOLD_WITHIN_MS = 30_000;

export const registrations: Experiment = {
  id: 'I1',
  invariant: 'an acknowledged registration survives kill -9',
  plantedBug: 'answer before COMMIT',
  run: (options) =>
    withLab(async (lab) => {
      const { seconds, seed, planted, isShort } = options;
      const random = createRandom(seed);
      const plant = planted ? 'I1' : undefined;
      const acknowledged: string[] = [];
      const violations: string[] = [];
      let server: Server = await lab.start(plant);
      let isOver = false;
      let kills = 0;
      let sent = 0;
      let told = Promise.withResolvers<void>();

      const client = async () => {
        while (!isOver) {
          const email = `user${sent++}@example.com`;
          const answer = await ask(server, '/api/users', { body: { email, password: PASSWORD } });
          if (answer?.status === 201) {
            acknowledged.push(email);
            told.resolve();
          }
          // Down or overloaded: a client that waits is enough.
          else await sleep(20);
        }
      };
      const clients = Array.from({ length: isShort ? SHORT.clients : CLIENTS }, client);
      const isEnough = createEnding(options, () => kills >= SHORT.kills);
      while (!isOver) {
        await sleep(Math.min(2000, seconds * 250) * (0.5 + random()));
        // Kill right after an acknowledgement, whose commit must be durable by then.
        told = Promise.withResolvers();
        await Promise.race([told.promise, sleep(TOLD_WITHIN_MS)]);
        await sleep(5 * random());
        await server.kill();
        kills++;
        isOver = isEnough();
        if (isOver) await Promise.all(clients);
        else server = await lab.start(plant);
      }

      // In the long form two servers, because each hashes on one core only.
      const servers = await Promise.all(
        Array.from({ length: isShort ? 1 : 2 }, () => lab.start(undefined)),
      );
      const left = acknowledged.values();
      const check = async (place: Server) => {
        for (const email of left) {
          const answer = await ask(place, '/api/token', { body: { email, password: PASSWORD } });
          if (answer?.status !== 200) violations.push(`${email} was registered: ${answer?.status}`);
        }
      };
      await Promise.all(servers.map(check));
      const database = openDatabase(lab.databaseUrl);
      violations.push(...(await database.check()));
      await database.close();
      return { figures: { acknowledged: acknowledged.length, sent, kills }, violations };
    }),
};
