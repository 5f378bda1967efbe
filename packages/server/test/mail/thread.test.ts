/** Mail that leaves from a thread of its own: metrics and log, its regular end and its crash. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import type { Worker } from 'node:worker_threads';
import { pino } from 'pino';
import { readConfig } from '../../src/config/config.ts';
import { openDatabase } from '../../src/database/open.ts';
import { createMetrics } from '../../src/metrics/metrics.ts';
import { createMailThread } from '../../src/recovery/mail-thread.ts';
import { startMailed } from '../recovery/support/mailed.ts';
import { newSharedDatabase } from '../support/databases.ts';
import { createTestTimers } from '../support/timers.ts';
import { until } from '../support/until.ts';
import { SECOND } from './support/post.ts';

const SETTINGS = {
  GATEPASS_EMAIL_VERIFICATION: 'required',
  GATEPASS_LOG_LEVEL: 'debug',
  GATEPASS_MAIL_NOTICES: 'off',
};

/** The thread uses the system's clock. */
const clock = { now: () => Date.now(), advance() {} };

/** A service whose mails leave from a thread, over a database that others can open. */
async function startThreaded(t: TestContext, variables: Record<string, string> = {}) {
  const url = await newSharedDatabase(t);
  const metrics = createMetrics();
  const service = await startMailed(
    t,
    { ...SETTINGS, GATEPASS_DATABASE_URL: url, ...variables },
    { clock, metrics, createMailThread },
  );
  const count = async (name: string) =>
    Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(await metrics.text())?.[1]);
  return { ...service, databaseUrl: url, count };
}

/** The next mail thread of this process. */
const nextThread = () =>
  new Promise<Worker>((resolve) => {
    process.once('worker', resolve);
  });

test('mail of a thread is logged and counted by the service, and its link works there', async (t) => {
  const service = await startThreaded(t);
  const threads = service.log.filter((line) => line.includes('the mail thread starts'));
  assert.deepEqual(threads, [], 'a service without mail has no thread for it');
  await service.register();
  const { uid, token } = await service.nextMail();
  assert.equal((await service.activate({ uid, token })).status, 204);
  await until(
    'it is counted',
    async () => (await service.count('gatepass_mails_sent_total')) === 1,
  );
  assert.ok(service.log.some((line) => line.includes('the mail thread starts')));

  service.smtp.mood = 'refuse';
  await service.askReset();
  await until('the failure is logged', async () =>
    service.log.some((line) => {
      const { template, attempts, error, pid } = JSON.parse(line);
      const isOne = template === 'reset' && attempts === 1;
      return isOne && error.includes('No such user') && pid === process.pid;
    }),
  );
  assert.equal(await service.count('gatepass_mail_failures_total'), 1);
});

test('a stop waits for the mails that a thread is sending, and gives the others back', async (t) => {
  const service = await startThreaded(t);
  const database = openDatabase(service.databaseUrl);
  t.after(() => database.close());
  const { db } = database;
  service.smtp.mood = 'refuse';
  for (let i = 0; i < 25; i++) await service.register(`user${i}@example.com`);
  await until('all were refused once', async () => {
    const refused = await db.selectFrom('outbox').select('id').where('last_error', 'is not', null);
    return (await refused.execute()).length === 25;
  });
  service.smtp.mood = 'slow';
  // All are due at once, so that one lease contains them all.
  await database.transaction((tx) =>
    tx.db.updateTable('outbox').set({ due_at: 0, attempts: 0 }).execute(),
  );
  await until('some are being sent', () => service.smtp.received.length > 0);
  await service.close();
  const left = await db.selectFrom('outbox').select(['attempts', 'due_at']).execute();
  assert.equal(service.smtp.received.length + left.length, 25);
  assert.ok(left.length > 0);
  for (const { attempts, due_at } of left) {
    assert.equal(attempts, 0);
    assert.ok(due_at <= Date.now());
  }
});

test('a thread that dies is replaced, and what it was sending comes again', async (t) => {
  const started = nextThread();
  const service = await startThreaded(t);
  service.smtp.mood = 'silent';
  await service.register();
  const thread = await started;
  await until('it is being sent', async () =>
    service.smtp.commands.some((line) => line.startsWith('RCPT')),
  );
  await thread.terminate();
  service.smtp.drop();
  service.smtp.mood = 'accept';
  await service.database.transaction(({ db }) =>
    db.updateTable('outbox').set({ due_at: 0 }).execute(),
  );
  assert.equal((await service.nextMail()).to, 'alice@example.com');
  assert.ok(service.log.some((line) => line.includes('the mail thread ended with code 1')));
  assert.equal((await service.verify('no token')).status, 401);
});

test('a thread ends when it had nothing to send for a while', async (t) => {
  const databaseUrl = await newSharedDatabase(t);
  const database = openDatabase(databaseUrl);
  await database.migrate();
  await database.close();
  const config = readConfig({
    GATEPASS_DATABASE_URL: databaseUrl,
    GATEPASS_SMTP_URL: 'smtp://127.0.0.1:9',
    GATEPASS_PUBLIC_URL: 'https://id.example.com',
    GATEPASS_MAIL_FROM: 'no-reply@example.com',
  });
  const timers = createTestTimers();
  const started = nextThread();
  const logger = pino({ level: 'silent' });
  const sender = createMailThread({ config, logger, keys: () => new Map(), timers });
  t.after(() => sender.stop());
  await sender.deliverDue();
  const ended = once(await started, 'exit');
  await timers.advance(30 * SECOND);
  assert.deepEqual(await ended, [0]);
  const again = nextThread();
  await sender.deliverDue();
  await again;
});
