/**
 * The cost for others of an account with far too many sessions, and of a feed with far too many
 * revocations.
 */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs, promisify } from 'node:util';
import { readArguments } from './arguments.ts';
import { withServers } from './bench.ts';
import { type Crowd, openCrowd } from './crowd-database.ts';
import { measureRevocations } from './crowd-revocations.ts';
import { environment, repository } from './machine.ts';
import { hammer, type Latencies, verifyDuring } from './probe.ts';
import { freePort, type ServerProcess, startServer } from './server-process.ts';
import { getAs, password, post, send } from './targets/target.ts';

const HELP = `Measures what one account with far too many sessions, and a feed with far too many
revocations, cost everybody else (cases AB01 to AB04). Some minutes.

  npm run crowd -- [options]

  --sessions 100000      open sessions of the account
  --revocations 1010000  entries in the feed
  --url postgres://…     an empty database; SQLite without it

Example:
  npm run crowd -- --sessions 20000 --revocations 100000     a minute or two
`;

const { values } = readArguments(HELP, () =>
  parseArgs({
    options: {
      sessions: { type: 'string', default: '100000' },
      revocations: { type: 'string', default: '1010000' },
      url: { type: 'string' },
    },
  }),
);
const [sessions, revocations] = [Number(values.sessions), Number(values.revocations)];
const run = promisify(execFile);
const program = join(repository, 'packages/server/bin/gatepass.js');
const directory = mkdtempSync(join(tmpdir(), 'gatepass-crowd-'));
const databaseUrl = values.url ?? `sqlite:${directory}/gatepass.db`;
const secret = randomBytes(32).toString('hex');
const variables = environment({ GATEPASS_DATABASE_URL: databaseUrl, GATEPASS_SECRET: secret });
const CROWDED = 'crowded@example.com';
const OTHER = 'other@example.com';
const NEW_PASSWORD = 'granite otter parade 41';
const say = (line: string) => process.stdout.write(`${line}\n`);

async function start(): Promise<ServerProcess> {
  const port = await freePort();
  return startServer({
    name: 'gatepass',
    command: [process.execPath, program, 'serve'],
    environment: { ...variables, GATEPASS_PORT: String(port), GATEPASS_ADMIN_PORT: 'off' },
    directory,
    port,
    healthPath: '/readyz',
    logFile: join(directory, 'server.log'),
  });
}

type Pair = { readonly access: string; readonly refresh: string };

async function must(answer: Promise<Response>, status: number): Promise<string> {
  const { status: got, ...rest } = await answer.then(async (response) => ({
    status: response.status,
    text: await response.text(),
  }));
  if (got !== status) throw new Error(`${got} instead of ${status}: ${rest.text}`);
  return rest.text;
}

async function logIn({ url }: ServerProcess, email: string, secretWord = password): Promise<Pair> {
  return JSON.parse(
    await must(send(url, post('/api/token', { email, password: secretWord })), 200),
  );
}

const bearer = (access: string) => ({
  authorization: `Bearer ${access}`,
  'content-type': 'application/json',
});
const cli = (...args: string[]) =>
  run(process.execPath, [program, ...args], { env: variables, cwd: directory });

function row(what: string, seconds: number, latencies: Latencies, more = ''): void {
  const { p50Ms, p99Ms, maxMs, requests, others } = latencies;
  const figures = [p50Ms, p99Ms, maxMs].map((ms) => ms.toFixed(1)).join(' | ');
  say(`| ${what} | ${seconds.toFixed(1)} s | ${figures} | ${requests} | ${others} | ${more} |`);
}

/** The other account's tokens, and the latency of verifying its access token during `work`. */
async function createOther(server: ServerProcess) {
  const pair = await logIn(server, OTHER);
  return {
    pair,
    async measure(what: string, work: () => Promise<unknown>, more = () => '') {
      const since = performance.now();
      const latencies = await verifyDuring(server.url, () => pair.access, work);
      row(what, (performance.now() - since) / 1000, latencies, more());
    },
  };
}

type Other = Awaited<ReturnType<typeof createOther>>;

async function userIdOf(server: ServerProcess, { access }: Pair): Promise<number> {
  return JSON.parse(await must(send(server.url, getAs(access, '/api/users/me')), 200)).id;
}

/** A server that finds an account far above its limit when it starts. */
async function measureStart(crowd: Crowd, userId: number): Promise<void> {
  await crowd.addSessions(userId, sessions);
  await withServers(async (keep) => {
    const server = keep(await start());
    const other = await createOther(server);
    await other.measure(
      `${sessions} open sessions brought under the limit after a start`,
      async () => {
        while ((await crowd.openSessions(userId)) > 100) await sleep(100);
      },
    );
  });
}

/** Every operation that ends all sessions, for an account with far too many. */
async function measureEnds(server: ServerProcess, other: Other, crowd: Crowd): Promise<void> {
  const { url } = server;
  let word = password;
  const act = async (what: string, end: (pair: Pair) => Promise<unknown>) => {
    const pair = await logIn(server, CROWDED, word);
    const userId = await userIdOf(server, pair);
    await crowd.addSessions(userId, sessions);
    let response = '';
    await other.measure(
      `${what}, ${sessions} sessions`,
      async () => {
        const since = performance.now();
        await end(pair);
        response = `done after ${((performance.now() - since) / 1000).toFixed(1)} s`;
        const left = await crowd.openSessions(userId);
        if (left > 1) throw new Error(`${what} has left ${left} open`);
        while ((await crowd.unwritten(userId)) > 0) await sleep(250);
      },
      () => response,
    );
  };
  const scoped = (scope: string) => async (pair: Pair) =>
    must(
      fetch(`${url}/api/sessions?scope=${scope}`, {
        method: 'DELETE',
        headers: { authorization: `Bearer ${pair.access}` },
      }),
      204,
    );
  await act('`DELETE ?scope=others`', scoped('others'));
  await act('`DELETE ?scope=all`', scoped('all'));
  await act('a new password', async ({ access }) => {
    const body = JSON.stringify({ current_password: word, new_password: NEW_PASSWORD });
    const init = { method: 'POST', headers: bearer(access), body };
    await must(fetch(`${url}/api/users/me/password`, init), 200);
    word = NEW_PASSWORD;
  });
  await act('`session end --all`', () => cli('session', 'end', CROWDED, '--all'));
  await act('`user disable`', () => cli('user', 'disable', CROWDED));
  await cli('user', 'enable', CROWDED);
  await act('`DELETE /api/users/me`', async ({ access }) => {
    const body = JSON.stringify({ current_password: word });
    const init = { method: 'DELETE', headers: bearer(access), body };
    await must(fetch(`${url}/api/users/me`, init), 204);
  });
}

async function measureReaders(server: ServerProcess, other: Other): Promise<void> {
  const { url } = server;
  let outcome = '';
  const headers = { authorization: `Bearer ${other.pair.access}` };
  for (const [path, sent] of [
    ['/api/sessions', headers],
    ['/api/revocations', {}],
  ] as const)
    await other.measure(
      `\`GET ${path}\` from 8 connections`,
      async () => {
        outcome = await hammer(url, path, sent);
      },
      () => outcome,
    );
}

const HEADER =
  '| what | took | verify p50 ms | p99 ms | max ms | verifies | not 200 | |\n|---|--:|--:|--:|--:|--:|--:|---|';

async function measureAll(): Promise<void> {
  let userId = 0;
  await withServers(async (keep) => {
    const server = keep(await start());
    for (const email of [CROWDED, OTHER])
      await must(send(server.url, post('/api/users', { email, password })), 201);
    userId = await userIdOf(server, await logIn(server, CROWDED));
  });
  const crowd = await openCrowd(databaseUrl);
  say(HEADER);
  try {
    await measureStart(crowd, userId);
    await withServers(async (keep) => {
      const server = keep(await start());
      const other = await createOther(server);
      await other.measure('nothing', () => sleep(5000));
      await measureReaders(server, other);
      await measureEnds(server, other, crowd);
      await measureRevocations({ server, crowd, secret, count: revocations, say }, other);
    });
  } finally {
    await crowd.close();
  }
}

try {
  await measureAll();
} finally {
  rmSync(directory, { recursive: true, force: true });
}
