/** Latency of the lists and searches of the admin API with many accounts, on both engines. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startPostgres } from '../packages/server/test/support/postgres.ts';
import { seedPostgres, seedSqlite } from './admin-seed.ts';
import { readArguments } from './arguments.ts';
import { environment, repository } from './machine.ts';
import { freePort, startServer } from './server-process.ts';

const HELP = `Measures the lists, searches and figures of the admin API beside many accounts, request after
request over HTTP, on SQLite and PostgreSQL. Prints a table. Some ten minutes with a million accounts.

  npm run bench:admin -- [options]

  --users 1000000   accounts
  --requests 200    requests of each line
  --engine both     sqlite, postgres or both

Example:
  npm run bench:admin -- --users 100000 --engine sqlite     a minute
`;

const { values } = readArguments(HELP, () =>
  parseArgs({
    options: {
      users: { type: 'string', default: '1000000' },
      requests: { type: 'string', default: '200' },
      engine: { type: 'string', default: 'both' },
    },
  }),
);
const users = Number(values.users);
const requests = Number(values.requests);
const secret = randomBytes(32).toString('hex');
const credentials = { email: 'root@example.com', password: 'correct horse 9 battery' };
const say = (line: string) => process.stderr.write(`${line}\n`);

/** Pages are followed, so that a line measures more than the first one. */
const LISTS = [
  ...['id', '-id', 'email', '-email', 'last_login', '-last_login'].map(
    (sort) => `users?sort=${sort}`,
  ),
  ...['active', 'disabled', 'unverified', 'admin'].flatMap((status) =>
    ['-id', 'email', '-last_login'].map((sort) => `users?status=${status}&sort=${sort}`),
  ),
  ...['a', 'an', 'anna', 'anna7', '@mail42.example', `person${users - 3}`, 'no such one'].flatMap(
    (q) =>
      ['-id', 'email', '-last_login'].map(
        (sort) => `users?q=${encodeURIComponent(q)}&sort=${sort}`,
      ),
  ),
  'users?q=anna&status=disabled',
  'audit',
  'audit?event=login.ok',
  'audit?event=factor.remove',
  'audit?user=77',
  'stats',
  'stats?by=day&last=90',
];

async function measure(engine: string, url: string, seed: () => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'gatepass-bench-admin-'));
  const adminPort = await freePort();
  const start = async () => {
    const port = await freePort();
    return startServer({
      name: 'gatepass',
      command: [process.execPath, join(repository, 'packages/server/bin/gatepass.js'), 'serve'],
      environment: environment({
        GATEPASS_DATABASE_URL: url.replace('{directory}', directory),
        GATEPASS_SECRET: secret,
        GATEPASS_RATE_LIMITS: 'off',
        GATEPASS_PORT: String(port),
        GATEPASS_ADMIN_PORT: String(adminPort),
      }),
      ...{ directory, port, healthPath: '/readyz', logFile: join(directory, 'gatepass.log') },
    });
  };
  const post = async (target: string, body: object) => {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(target, { method: 'POST', headers, body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`${target}: ${response.status} ${await response.text()}`);
    return (await response.json()) as Record<string, string>;
  };
  try {
    let server = await start();
    await post(`${server.url}/api/users`, credentials);
    await server.stop();
    await seed();
    server = await start();
    const admin = `http://127.0.0.1:${adminPort}/api/admin`;
    const { token } = await post(`${admin}/login`, credentials);
    const headers = { authorization: `Bearer ${token}` };
    for (const list of LISTS) {
      const times: number[] = [];
      let after = '';
      let whole = 0;
      let walked = 0;
      for (let n = 0; n < requests; n++) {
        const began = performance.now();
        const separator = list.includes('?') ? '&' : '?';
        const response = await fetch(`${admin}/${list}${after && `${separator}after=${after}`}`, {
          headers,
        });
        const { next = '' } = (await response.json()) as { next?: string };
        const took = performance.now() - began;
        if (!response.ok) throw new Error(`${list}: ${response.status}`);
        times.push(took);
        if (whole === 0) walked += took;
        if (next === '' && whole === 0) whole = n + 1;
        after = next;
      }
      const sorted = times.toSorted((a, b) => a - b);
      const at = (share: number) => (sorted[Math.ceil(sorted.length * share) - 1] ?? 0).toFixed(1);
      const end = whole > 1 ? `  all of it: ${whole} requests, ${walked.toFixed(0)} ms` : '';
      process.stdout.write(
        `${engine.padEnd(9)} ${list.padEnd(44)} p50 ${at(0.5).padStart(6)} ms  p99 ${at(0.99).padStart(6)} ms${end}\n`,
      );
    }
    await server.stop();
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

if (values.engine !== 'postgres') {
  const directory = mkdtempSync(join(tmpdir(), 'gatepass-bench-admin-'));
  const file = join(directory, 'gatepass.db');
  await measure('sqlite', `sqlite:${file}`, async () => seedSqlite(file, users, say));
  rmSync(directory, { recursive: true, force: true });
}
if (values.engine !== 'sqlite') {
  const postgres = await startPostgres({ isDurable: true });
  await postgres.query('create database bench');
  const url = postgres.urlOf('bench');
  await measure('postgres', url, () =>
    seedPostgres((text) => postgres.query(text, 'bench'), users, say),
  );
  await postgres.stop();
}
