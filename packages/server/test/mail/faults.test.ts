/**
 * docs/security-cases.md, group AR: a mail server that fails in every way, and processes that die
 * while they send.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { simpleParser } from 'mailparser';
import { parseMailUrl } from '../../src/config/mail-url.ts';
import { openDatabase } from '../../src/database/open.ts';
import { createTransport } from '../../src/mail/transport.ts';
import { linkOf, NEW_PASSWORD, startMailed } from '../recovery/support/mailed.ts';
import { databaseOf, workDirectory } from '../support/databases.ts';
import { post, startProcess } from '../support/process.ts';
import { PASSWORD, SECRET } from '../support/service.ts';
import { until } from '../support/until.ts';
import { type Mood, type Received, startSmtp } from './support/smtp.ts';

const SECOND = 1000;

for (const mood of ['refuse', 'silent', 'hang_up', 'accept_and_hang_up'] as const satisfies Mood[])
  test(`AR03: a mail server that responds with "${mood}" changes no response and loses no mail`, async (t) => {
    const service = await startMailed(t);
    await service.register();
    const well = await service.askReset();
    await service.nextMail();
    service.smtp.mood = mood;
    const response = await service.askReset();
    assert.deepEqual([response.status, response.text], [well.status, well.text]);
    assert.equal((await service.send('/readyz')).status, 200);
    const row = () => service.database.db.selectFrom('outbox').selectAll().executeTakeFirst();
    if (mood === 'silent') {
      await until('the envelope was sent', () => service.smtp.commands.length >= 4);
      // The effect of the deadline, without waiting half a minute.
      service.smtp.drop();
    }
    await until('the attempt has failed', async () => (await row())?.last_error != null);
    service.smtp.mood = 'accept';
    service.clock.advance(5 * SECOND);
    const mail = await service.nextMail();
    if (mood === 'accept_and_hang_up') {
      await until('the copy has come', () => service.smtp.received.length === 3);
      const [, first, second] = service.smtp.received;
      assert.ok(second && first?.raw.equals(second.raw), 'the copy has other bytes');
    }
    await until('its row has gone', async () => (await row()) === undefined);
    assert.equal(
      (await service.reset({ ...linkOf(mail), new_password: NEW_PASSWORD })).status,
      204,
    );
  });

test('AR03: a silent mail server is a failed attempt after a timeout', async (t) => {
  const smtp = await startSmtp(t);
  smtp.mood = 'silent';
  const parsed = parseMailUrl(smtp.url);
  assert.ok('value' in parsed);
  const transport = await createTransport(parsed.value, () => {}, {
    connectionMs: 200,
    silenceMs: 200,
  });
  t.after(() => transport.close());
  const raw = Buffer.from('Subject: x\r\n\r\nx\r\n');
  const message = { to: 'a@example.com', from: 'b@example.com', id: 'x', text: 'x', raw };
  await assert.rejects(() => transport.send(message), /timeout/i);
});

test('AR03: a mail requested while the mail server was down is sent when it is back', async (t) => {
  const service = await startMailed(t, {}, { isDown: true });
  await service.register();
  assert.equal((await service.askReset()).status, 204);
  const row = () => service.database.db.selectFrom('outbox').selectAll().executeTakeFirst();
  await until('the attempt has failed', async () => (await row())?.last_error != null);
  assert.match((await row())?.last_error ?? '', /ECONNREFUSED/);
  const smtp = await startSmtp(t, { port: service.smtpPort });
  service.clock.advance(5 * SECOND);
  await until('the mail has come', () => smtp.received.length === 1);
});

test('AR19: a process killed between the 250 and its commit sends the mail again, with the same bytes', async (t) => {
  const directory = await workDirectory(t);
  const received: Received[] = [];
  const start = async (isKilled: boolean) => {
    const smtp = await startSmtp(t, {
      onReceived(mail) {
        received.push(mail);
        // Stopped, so that it reads no 250 before it is killed, however slow this process is.
        if (isKilled) server.child.kill('SIGSTOP');
      },
      onAccepted() {
        if (isKilled) server.child.kill('SIGKILL');
      },
    });
    const server = await startProcess(t, directory, {
      GATEPASS_SECRET: SECRET,
      GATEPASS_SMTP_URL: smtp.url,
      GATEPASS_PUBLIC_URL: 'https://id.example.com',
      GATEPASS_MAIL_FROM: 'no-reply@example.com',
      GATEPASS_EMAIL_VERIFICATION: 'required',
    });
    return server;
  };
  const first = await start(true);
  // With or without a response: the mail that this causes kills the process.
  await post(first.url, '/api/users', { email: 'a@example.com', password: PASSWORD });
  await first.exited;
  assert.equal(received.length, 1);

  const database = openDatabase(await databaseOf(directory));
  t.after(() => database.close());
  const left = await database.db.selectFrom('outbox').selectAll().execute();
  assert.equal(left.length, 1, 'the row went before the mail was known to be sent');
  const second = await start(false);
  await post(second.url, '/api/users', { email: 'b@example.com', password: PASSWORD });
  await until('another node sends its own mail', () => received.length === 2);
  assert.deepEqual(received[1]?.to, ['b@example.com'], 'the lease still holds');
  // As if the time of a lease had passed.
  await database.transaction(({ db }) => db.updateTable('outbox').set({ due_at: 0 }).execute());
  await until('the copy has come', () => received.length === 3);
  assert.ok(
    received[2]?.raw.equals(received[0]?.raw ?? Buffer.alloc(0)),
    'the copy has other bytes',
  );
  const { text = '' } = await simpleParser(received[2]?.raw ?? Buffer.alloc(0));
  const link = new URLSearchParams(/#(\S+)/.exec(text)?.[1]);
  const activated = await fetch(`${second.url}/api/users/activation`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(Object.fromEntries(link)),
  });
  assert.equal(activated.status, 204);
});
