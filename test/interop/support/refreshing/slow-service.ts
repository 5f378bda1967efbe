/** A service behind a slow network, whose clock moves with the requests and by whole expiries. */
import { type ClientRequest, request as forward, type IncomingMessage } from 'node:http';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createRandom } from '../../../../packages/server/test/sessions/support/faulty.ts';
import { logIn, ROTATING } from '../../../../packages/server/test/sessions/support/holder.ts';
import { startService } from '../../../../packages/server/test/support/service.ts';
import { listen } from '../programs.ts';

const DELAY_MS = { min: 20, max: 120 };
/** What a burst takes on the service's clock, in which nothing else happens. */
const BURST_MS = 500;
const ACCESS_SECONDS = 3;
/** From one expiry to the next; some hit the moment from which a token is spent. */
const PAUSES_MS = [3000, 3000, 9400, 9600, 9800, 10_000, 300_000];

export type Tokens = { access: string; refresh: string };
export type SlowService = Awaited<ReturnType<typeof startSlowService>>;

type Options = {
  readonly seed: number;
  /** How many requests a burst is made of: they share BURST_MS. */
  readonly requests: number;
  /** The part of all responses of refreshes that is lost. */
  readonly lost: number;
};

export async function startSlowService(t: TestContext, { seed, requests, lost }: Options) {
  const random = createRandom(seed);
  const service = await startService(t, {
    ...ROTATING,
    GATEPASS_ACCESS_TOKEN_LIFETIME: `${ACCESS_SECONDS}s`,
  });
  let time = 0;
  const tick = (milliseconds: number) => {
    time += milliseconds;
    const whole = Math.floor(time);
    time -= whole;
    service.clock.advance(whole);
  };
  const delay = () => sleep(DELAY_MS.min + random() * (DELAY_MS.max - DELAY_MS.min));

  const port = await listen(t, async (incoming, outgoing) => {
    const isLost = incoming.url === '/api/token/refresh' && random() < lost;
    await delay();
    tick(BURST_MS / requests);
    const sent = Buffer.concat(await Array.fromAsync(incoming));
    let answer = await answerOf(incoming, sent, service.port);
    // A busy machine had no connection to the database in time, and has spent nothing.
    while (answer.status === 503) answer = await answerOf(incoming, sent, service.port);
    await delay();
    if (isLost) outgoing.destroy();
    else outgoing.writeHead(answer.status, answer.headers).end(answer.body);
  });

  return {
    url: `http://127.0.0.1:${port}`,
    now: service.clock.now,
    advance: tick,
    /** Every access token has expired. */
    expire: () => tick(PAUSES_MS[Math.floor(random() * PAUSES_MS.length)] ?? 0),
    logIn: (email: string): Promise<Tokens> => logIn(service, email),
    /** Whether a session goes on. */
    lives: async ({ refresh }: Tokens) => (await service.refresh(refresh)).status === 200,
    ends: async () => {
      const rows = await service.database.db
        .selectFrom('sessions')
        .select(['generation', 'end_reason'])
        .execute();
      const rotations = rows.reduce((sum, { generation }) => sum + generation, 0);
      return { rotations, ended: rows.filter(({ end_reason }) => end_reason !== null).length };
    },
  };
}

async function answerOf(
  { method, url, headers }: IncomingMessage,
  sent: Buffer,
  port: number,
): Promise<{ status: number; headers: IncomingMessage['headers']; body: Buffer }> {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const outgoing: ClientRequest = forward(
      // Never a connection that the service is just closing.
      { agent: false, port, method, path: url, headers },
      resolve,
    );
    outgoing.on('error', reject);
    outgoing.end(sent);
  });
  const body = Buffer.concat(await Array.fromAsync(answer));
  return { status: answer.statusCode ?? 0, headers: answer.headers, body };
}
