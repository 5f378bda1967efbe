/** I7: SIGTERM loses nothing: what was sent before it is answered, and the process exits with 0. */
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { createRandom } from '../../packages/server/test/sessions/support/faulty.ts';
import { createPeople } from '../../packages/server/test/sessions/support/people.ts';
import { PASSWORD } from '../../packages/server/test/support/service.ts';
import type { Experiment } from './support/experiment.ts';
import { type Server, withLab } from './support/lab.ts';

const CLIENTS = 50;
const SHORT_CLIENTS = 12;
const EXIT_WITHIN_MS = 10_000;
const MAX_ROUNDS = 20;

export const sigterm: Experiment = {
  id: 'I7',
  invariant: 'SIGTERM loses nothing: every request in flight is answered, exit within 10 s',
  plantedBug: 'process.exit in the handler',
  run: ({ seconds, seed, planted, isShort }) =>
    withLab(async (lab) => {
      const random = createRandom(seed);
      const violations: string[] = [];
      const figures = { sigterms: 0, answered: 0, in_flight: 0, slowest_exit_ms: 0 };
      let people: Awaited<ReturnType<typeof createPeople>> | undefined;
      const rounds = Math.min(MAX_ROUNDS, Math.ceil(seconds));
      for (let round = 0; round < rounds; round++) {
        const server = await lab.start(planted ? 'I7' : undefined);
        people ??= await createPeople(lab.databaseUrl, {});
        const email = await people.newUser();
        const { access, refresh } = await people.newSession(email);
        const kinds: readonly (readonly [string, object])[] = [
          ['/api/token', { email, password: PASSWORD }],
          ['/api/token/refresh', { refresh }],
          ['/api/token/verify', { token: access }],
          ['/api/token/verify', { token: refresh }],
        ];
        let signalledAt = Number.POSITIVE_INFINITY;

        const client = async (number: number): Promise<void> => {
          const [path, body] = kinds[number % kinds.length] ?? ['/', {}];
          const agent = new Agent({ keepAlive: true, maxSockets: 1 });
          // A connection that is only in the kernel's queue has not been accepted.
          await send(server, agent, '/api/token/verify', { token: access });
          while (signalledAt === Number.POSITIVE_INFINITY) {
            const sentAt = performance.now();
            const status = await send(server, agent, path, body);
            const isEarlier = sentAt < signalledAt;
            if (isEarlier && status !== undefined) {
              figures.answered++;
              if (signalledAt !== Number.POSITIVE_INFINITY) figures.in_flight++;
              if (status >= 500 && status !== 503) violations.push(`${path} answered ${status}`);
            }
            if (isEarlier && status === undefined)
              violations.push(`${path}, sent before SIGTERM, was not answered`);
          }
          agent.destroy();
        };
        const clients = Promise.all(
          Array.from({ length: isShort ? SHORT_CLIENTS : CLIENTS }, (_, number) => client(number)),
        );
        await sleep(300 + 300 * random());
        signalledAt = performance.now();
        const code = await server.stop();
        const tookMs = Math.round(performance.now() - signalledAt);
        await clients;
        figures.sigterms++;
        figures.slowest_exit_ms = Math.max(figures.slowest_exit_ms, tookMs);
        if (code !== 0) violations.push(`it exited with ${code}`);
        if (tookMs > EXIT_WITHIN_MS) violations.push(`it took ${tookMs} ms to exit`);
      }
      await people?.database.close();
      return { figures, violations };
    }),
};

/** The status of a complete response, or `undefined` when the connection broke before its last byte. */
const send = (
  { url }: Server,
  agent: Agent,
  path: string,
  body: object,
): Promise<number | undefined> =>
  new Promise((resolve) => {
    const text = JSON.stringify(body);
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
    };
    request(url + path, { method: 'POST', agent, headers }, (response) => {
      response.resume();
      response.once('end', () => resolve(response.statusCode));
      response.once('error', () => resolve(undefined));
    })
      .once('error', () => resolve(undefined))
      .end(text);
  });
