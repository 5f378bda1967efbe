/** The cost of a large database: two servers, one with 16 accounts, one with many. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs, promisify } from 'node:util';
import { readArguments } from './arguments.ts';
import { directoryFor, withServers } from './bench.ts';
import { applyLoad, type LoadRequest } from './load.ts';
import { environment, inspectMachine, type Machine, repository } from './machine.ts';
import { type Contender, interleave, median, medianOf, type Rounds, ratio } from './measure.ts';
import { mint } from './mint.ts';
import { writeTables } from './page.ts';
import { emailOf, expiredIn, pickSessions, type SeededSession, seed } from './scale-seed.ts';
import { freePort, type ServerProcess, startServer } from './server-process.ts';
import { getAs, password, post, send } from './targets/target.ts';

const HELP = `Measures what a large database costs: two servers, one with 16 accounts, one with many, three
sessions each. Prints tables. About five minutes with a million accounts.

  npm run bench:scale -- [options]

  --users 1000000  accounts of the large one
  --rounds 5       rounds; every round measures both
  --seconds 2      seconds of each measurement
  --write          put the tables into docs/scale.md instead of printing them

Example:
  npm run bench:scale -- --users 100000 --rounds 3     a minute or two
`;

const { values } = readArguments(HELP, () =>
  parseArgs({
    options: {
      users: { type: 'string', default: '1000000' },
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '2' },
      write: { type: 'boolean', default: false },
    },
  }),
);
const [users, rounds, seconds] = [values.users, values.rounds, values.seconds].map(Number) as [
  number,
  number,
  number,
];
const FEW = 16;
const SESSIONS_EACH = 3;
const TOKENS = 1000;
const CONNECTIONS = 8;
/** For logins and registrations: few enough that no request waits long for the hashing core. */
const HASHING_CONNECTIONS = 2;
const ATTEMPTS = 3;
const STARTS = 5;
const program = join(repository, 'packages/server/bin/gatepass.js');
const secret = randomBytes(32).toString('hex');
const say = (line: string) => process.stderr.write(`${line}\n`);
const mb = (bytes: number) => `${Math.round(bytes / 1e6).toLocaleString('en')} MB`;

const variables = (directory: string) =>
  environment({
    GATEPASS_DATABASE_URL: `sqlite:${directory}/gatepass.db`,
    GATEPASS_SECRET: secret,
    ...{ GATEPASS_RATE_LIMITS: 'off', GATEPASS_ADMIN_PORT: 'off' },
  });

async function start(machine: Machine, directory: string) {
  const port = await freePort();
  return startServer({
    name: 'gatepass',
    command: machine.forServer([process.execPath, program, 'serve']),
    environment: { ...variables(directory), GATEPASS_PORT: String(port) },
    directory,
    port,
    healthPath: '/readyz',
    logFile: join(directory, 'gatepass.log'),
  });
}

async function prepare(machine: Machine, name: string, count: number, expired: number) {
  const directory = directoryFor(machine, name);
  const first = await start(machine, directory);
  const model = await send(
    first.url,
    post('/api/users', { email: 'model@load.example', password }),
  );
  await first.stop();
  if (model.status !== 201) throw new Error(`registration: ${model.status}`);
  const file = join(directory, 'gatepass.db');
  const startedAt = performance.now();
  const bytes = seed(file, { users: count, sessionsEach: SESSIONS_EACH, expired });
  say(`${name}: seeded in ${Math.round((performance.now() - startedAt) / 1000)} s`);
  return { name, directory, file, count, bytes, fileBytes: statSync(file).size };
}

type Side = Awaited<ReturnType<typeof prepare>>;

const scenarios: Record<string, (side: Side, sessions: SeededSession[]) => LoadRequest[]> = {
  verify: (_, sessions) =>
    sessions.map((each) => post('/api/token/verify', { token: mint(secret, 'access', each) })),
  refresh: (_, sessions) =>
    sessions.map((each) => post('/api/token/refresh', { refresh: mint(secret, 'refresh', each) })),
  me: (_, sessions) => sessions.map((each) => getAs(mint(secret, 'access', each), '/api/users/me')),
  login: ({ count }) =>
    Array.from({ length: Math.min(count, TOKENS) }, (_, n) => {
      const account = 2 + Math.floor((n * count) / Math.min(count, TOKENS));
      return post('/api/token', { email: emailOf(account), password });
    }),
  register: () => [post('/api/users', { email: 'new{n}@load.example', password })],
};

/** Retries, because a busy machine refuses a login now and then. */
async function persist<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
      say(`again: ${error instanceof Error ? error.message : error}`);
      await sleep(1000);
    }
  }
}

async function main(machine: Machine): Promise<void> {
  for (const warning of machine.warnings) say(`Beware: ${warning}`);
  const few = await prepare(machine, `${FEW} accounts`, FEW, 0);
  const many = await prepare(machine, `${users.toLocaleString('en')} accounts`, users, 0);
  const table: string[] = [];
  const facts: string[] = [];
  const startTimes = new Map<string, number>();

  await withServers(async (keep) => {
    type Running = { side: Side; sessions: SeededSession[]; server: ServerProcess };
    const sides: Running[] = [];
    for (const side of [few, many]) {
      const times: number[] = [];
      for (let n = 0; n < STARTS; n++) {
        const server = await start(machine, side.directory);
        times.push(server.startedInMs);
        await server.stop();
      }
      startTimes.set(side.name, median(times));
      const sessions = pickSessions(side.file, Math.min(TOKENS, side.count * SESSIONS_EACH));
      sides.push({ side, sessions, server: keep(await start(machine, side.directory)) });
    }
    const measure = async (scenario: string, only = sides): Promise<Rounds> => {
      const contenders = only.map(({ side, sessions, server }): Contender => {
        const requests = scenarios[scenario]?.(side, sessions) ?? [];
        const connections = /login|register/.test(scenario) ? HASHING_CONNECTIONS : CONNECTIONS;
        const load = { url: server.url, connections, requests };
        const measureOnce = (s: number) => applyLoad(machine, { ...load, seconds: s });
        return { name: side.name, measure: (s) => persist(() => measureOnce(s)) };
      });
      const onMeasure = (round: number, name: string) => say(`${scenario} ${round} ${name}`);
      return interleave(contenders, { rounds, seconds, onMeasure });
    };
    for (const scenario of Object.keys(scenarios)) {
      const found = await measure(scenario);
      const cell = (figure: 'p50Ms' | 'p99Ms') =>
        `${medianOf(found, few.name, figure)?.toPrecision(3)} | ${medianOf(found, many.name, figure)?.toPrecision(3)} (${ratio(found, many.name, few.name, figure)?.toFixed(2)})`;
      table.push(`| ${scenario} | ${cell('p50Ms')} | ${cell('p99Ms')} |`);
    }

    const large = sides.slice(1);
    const backup = join(many.directory, 'backup.db');
    const startedAt = performance.now();
    const backingUp = promisify(execFile)(process.execPath, [program, 'db', 'backup', backup], {
      env: variables(many.directory),
    }).then(() => performance.now() - startedAt);
    const during = await measure('refresh', large);
    const backupMs = await backingUp;
    const after = await measure('refresh', large);
    facts.push(
      `resident memory after this load: ${sides.map(({ side, server }) => `${Math.round(server.residentMiB())} MiB with ${side.name}`).join(', ')}`,
      `refresh p99 with ${many.name}: ${medianOf(during, many.name, 'p99Ms')?.toPrecision(3)} ms during a backup (${Math.round(backupMs / 1000)} s), ${medianOf(after, many.name, 'p99Ms')?.toPrecision(3)} ms after`,
    );
  });

  const aged = await prepare(machine, 'expired', 1000, Math.round(users * 0.3));
  await withServers(async (keep) => {
    const server = keep(await start(machine, aged.directory));
    const sessions = pickSessions(aged.file, TOKENS);
    const count = () => expiredIn(aged.file);
    const sample = async () =>
      applyLoad(machine, {
        url: server.url,
        connections: CONNECTIONS,
        requests: scenarios['refresh']?.(aged, sessions) ?? [],
        seconds: 5,
      });
    const all = count();
    // It begins a minute after the start.
    while (count() === all) await sleep(100);
    const before = count();
    const first = await sample();
    const left = count();
    say(`janitor: ${before} expired, ${left} left after the first sample`);
    while (count() > 0) await sleep(500);
    const second = await sample();
    facts.push(
      `refresh p99 while the janitor took ${(before - left).toLocaleString('en')} expired sessions away in 5 s: ${first.p99Ms.toPrecision(3)} ms; when it had nothing left: ${second.p99Ms.toPrecision(3)} ms`,
    );
  });

  const date = new Date().toISOString().slice(0, 10);
  const bytes = (rows: number, of: number) => Math.round(of / rows);
  const lines = [
    `- ${date}: medians of ${rounds} interleaved rounds of ${seconds} s; in brackets the median of the rounds' ratios`,
    ...machine.description.map((line) => `- ${line}`),
    '',
    `| | p50 ms, ${few.name} | ${many.name} | p99 ms, ${few.name} | ${many.name} |`,
    '|---|--:|--:|--:|--:|',
    ...table,
    '',
    ...facts.map((fact) => `- ${fact}`),
    ...[few, many].map(
      ({ name, fileBytes }) =>
        `- ${name}: ${mb(fileBytes)} on disk, start to the first 200 of /readyz ${Math.round(startTimes.get(name) ?? 0)} ms`,
    ),
    `- bytes a row, with its indexes: account ${bytes(users, many.bytes.users)}, session ${bytes(users * SESSIONS_EACH, many.bytes.sessions)}, audit event ${bytes(users * SESSIONS_EACH, many.bytes.events)}`,
  ];
  if (values.write) writeTables(join(repository, 'docs/scale.md'), 'scale', lines.join('\n'));
  else process.stdout.write(`${lines.join('\n')}\n`);
}

const scratch = mkdtempSync(join(tmpdir(), 'gatepass-scale-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true, maxRetries: 3 }));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));
await main(inspectMachine(scratch, ''));
