/** The rate of queued mail over a local SMTP server, and the latency of verify meanwhile. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { openDatabase } from '../packages/server/src/database/open.ts';
import { readArguments } from './arguments.ts';
import { withServers } from './bench.ts';
import { cpuMicroseconds } from './cpu.ts';
import { environment, repository } from './machine.ts';
import { verifyDuring } from './probe.ts';
import { freePort, startServer } from './server-process.ts';
import { password, post, send } from './targets/target.ts';

const HELP = `Measures how fast one process sends queued mail to a local SMTP server, and what that costs
a verify meanwhile.

  npm run bench:mail -- [options]

  --mails 10000      mails in the queue
  --url postgres://…  an empty database; SQLite without it
  --sender service   the process that verifies sends; "other": another process of the same installation,
                     whose verify shows what the machine alone costs

Example:
  npm run bench:mail -- --mails 2000     a quarter of a minute
`;

const { values } = readArguments(HELP, () =>
  parseArgs({
    options: {
      mails: { type: 'string', default: '10000' },
      url: { type: 'string' },
      sender: { type: 'string', default: 'service' },
    },
  }),
);
const mails = Number(values.mails);
const isSentByOther = values.sender === 'other';
const directory = mkdtempSync(join(tmpdir(), 'gatepass-mail-'));
const databaseUrl = values.url ?? `sqlite:${directory}/gatepass.db`;
const AT_ONCE = 1000;
const PROBE_MS = 5000;
const OTHER = 'other@example.com';

/** Makes accounts and requests a reset of each: the mail is looked up, made and sent. */
async function queueMails(): Promise<void> {
  const database = openDatabase(databaseUrl);
  const now = Date.now();
  for (let from = 0; from < mails; from += AT_ONCE) {
    const emails = Array.from(
      { length: Math.min(AT_ONCE, mails - from) },
      (_, i) => `user${from + i}@example.com`,
    );
    await database.transaction(async ({ db }) => {
      await db
        .insertInto('users')
        .values(
          emails.map((email) => ({
            ...{ email, email_canonical: email, password_hash: null },
            ...{ is_active: 1, created_at: now, last_login_at: null },
          })),
        )
        .execute();
      await db
        .insertInto('outbox')
        .values(
          emails.map((recipient) => ({
            ...{ template: 'reset', recipient, language: 'en', params: '{"network":"192.0.2.1"}' },
            ...{ created_at: now, due_at: now, expires_at: now + 7_200_000, attempts: 0 },
            ...{ user_id: null, token_id: null, last_error: null, failed_at: null },
          })),
        )
        .execute();
    });
  }
  await database.close();
}

async function startSink() {
  const child = fork(join(import.meta.dirname, 'mail-sink.ts'));
  let received = 0;
  const [port] = (await once(child, 'message')) as [number];
  child.on('message', (count) => {
    received = Number(count);
  });
  return { port, received: () => received, stop: () => child.kill() };
}

async function measure(): Promise<void> {
  const sink = await startSink();
  try {
    await withServers(async (keep) => {
      const start = async (smtpUrl?: string) => {
        const port = await freePort();
        return keep(
          await startServer({
            name: 'gatepass',
            command: [
              process.execPath,
              join(repository, 'packages/server/bin/gatepass.js'),
              'serve',
            ],
            environment: environment({
              GATEPASS_DATABASE_URL: databaseUrl,
              GATEPASS_PORT: String(port),
              GATEPASS_ADMIN_PORT: 'off',
              ...(smtpUrl && { GATEPASS_SMTP_URL: smtpUrl }),
              GATEPASS_PUBLIC_URL: 'https://id.example.com',
              GATEPASS_MAIL_FROM: 'no-reply@example.com',
            }),
            directory,
            port,
            healthPath: '/readyz',
            logFile: join(directory, 'server.log'),
          }),
        );
      };
      const smtpUrl = `smtp://127.0.0.1:${sink.port}`;
      const server = await start(isSentByOther ? undefined : smtpUrl);
      const sender = isSentByOther ? await start(smtpUrl) : server;
      await send(server.url, post('/api/users', { email: OTHER, password }));
      const login = await send(server.url, post('/api/token', { email: OTHER, password }));
      const { access } = (await login.json()) as { access: string };
      const quiet = await verifyDuring(
        server.url,
        () => access,
        () => sleep(PROBE_MS),
      );
      await queueMails();
      const [since, cpuBefore] = [performance.now(), cpuMicroseconds(sender.pid)];
      const during = await verifyDuring(
        server.url,
        () => access,
        async () => {
          while (sink.received() < mails) await sleep(20);
        },
      );
      const seconds = (performance.now() - since) / 1000;
      const cpuMs = (cpuMicroseconds(sender.pid) - cpuBefore) / 1000;
      const load = loadavg().map((each) => each.toFixed(1));
      process.stdout.write(
        `${mails} mails in ${seconds.toFixed(1)} s: ${(mails / seconds).toFixed(0)} a second\n` +
          `verify p50 / p99 ms: ${quiet.p50Ms.toFixed(1)} / ${quiet.p99Ms.toFixed(1)} before, ` +
          `${during.p50Ms.toFixed(1)} / ${during.p99Ms.toFixed(1)} meanwhile (${during.requests} requests, ${during.others} not 200)\n` +
          `processor time of the sender, verifies included: ${(cpuMs / mails).toFixed(2)} ms a mail\n` +
          `${availableParallelism()} cores, load average ${load.join(' ')}\n`,
      );
      process.exitCode = mails / seconds >= 200 ? 0 : 3;
    });
  } finally {
    sink.stop();
    rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  }
}

await measure();
