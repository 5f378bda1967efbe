/** A restored database mails nothing again, and honours no mailed link but an undo. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { simpleParser } from 'mailparser';
import { openDatabase } from '../../src/database/open.ts';
import { startSmtp } from '../mail/support/smtp.ts';
import { PASSWORD } from '../support/service.ts';
import { until } from '../support/until.ts';
import { createPlace, logIn, register } from './support/place.ts';

const post = async (url: string, path: string, body: object, access?: string) => {
  const response = await fetch(`${url}/api/users/${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(access && { authorization: `Bearer ${access}` }),
    },
    body: JSON.stringify(body),
  });
  return response.status;
};

test('ST18 a restore sends no mail of the backup and voids its links except undos', async (t) => {
  const smtp = await startSmtp(t);
  const place = await createPlace(t, {
    GATEPASS_SMTP_URL: smtp.url,
    GATEPASS_PUBLIC_URL: 'https://id.example.com',
    GATEPASS_MAIL_FROM: 'no-reply@example.com',
  });
  let read = 0;
  const nextLink = async () => {
    await until('a mail', () => smtp.received.length > read);
    const { text = '' } = await simpleParser(smtp.received[read++]?.raw ?? Buffer.alloc(0));
    return Object.fromEntries(new URLSearchParams(/#(\S+)/.exec(text)?.[1]));
  };
  let server = await place.start();
  for (const name of ['moved', 'forgetful', 'waiting'])
    await register(server, `${name}@example.com`);
  const { access } = await logIn(server, 'moved@example.com');
  const asked = { new_email: 'new@example.com', current_password: PASSWORD };
  await post(server.url, 'set_email', asked, access);
  await post(server.url, 'set_email_confirm', await nextLink());
  const undo = await nextLink();
  await post(server.url, 'reset_password', { email: 'forgetful@example.com' });
  const reset = await nextLink();
  smtp.mood = 'refuse';
  await post(server.url, 'reset_password', { email: 'waiting@example.com' });
  const rows = async (table: 'outbox' | 'one_time_tokens') => {
    const database = openDatabase(`sqlite:${place.database}`);
    const all = await database.db.selectFrom(table).select('id').execute();
    await database.close();
    return all.map(({ id }) => id);
  };
  await until('the mail waits', async () => (await rows('outbox')).length === 1);
  const backup = `${place.directory}/monday.db`;
  await place.json('db', 'backup', backup);
  await server.stop();
  const before = Math.max(...(await rows('one_time_tokens')));

  await place.json('db', 'restore', backup, '--yes');
  assert.deepEqual(await rows('outbox'), []);
  smtp.mood = 'accept';
  server = await place.start();
  const again = { ...reset, new_password: 'granite otter parade 41' };
  assert.equal(await post(server.url, 'reset_password_confirm', again), 400);
  await post(server.url, 'reset_password', { email: 'waiting@example.com' });
  await nextLink();
  assert.equal(smtp.received.length, read, 'a mail of the backup was sent');
  assert.ok(Math.max(...(await rows('one_time_tokens'))) > before, 'an id was given twice');
  assert.equal(await post(server.url, 'set_email_undo', undo), 204);
  await server.stop();
});
