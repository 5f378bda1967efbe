/** Mails that wait, are new to this version, or go to addresses that are not plain ASCII. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../support/until.ts';
import { linkOf, NEW_PASSWORD, startMailed } from './support/mailed.ts';

const MINUTE = 60_000;

test('a mail that waited an hour for its server carries a valid token', async (t) => {
  const service = await startMailed(t);
  await service.register();
  service.smtp.mood = 'refuse';
  await service.askReset();
  const row = () => service.database.db.selectFrom('outbox').selectAll().executeTakeFirst();
  await until('the first attempt has failed', async () => (await row())?.last_error != null);
  service.clock.advance(65 * MINUTE);
  service.smtp.mood = 'accept';
  const mail = await service.nextMail();
  assert.equal((await service.reset({ ...linkOf(mail), new_password: NEW_PASSWORD })).status, 204);
});

test('a mail with an unknown template waits for a newer version', async (t) => {
  const service = await startMailed(t);
  const now = service.clock.now();
  await service.database.transaction(({ db }) =>
    db
      .insertInto('outbox')
      .values({
        ...{ template: 'of_tomorrow', recipient: 'a@example.com', language: 'en', params: '{}' },
        ...{ created_at: now, due_at: now, expires_at: now + 3_600_000, attempts: 0 },
        ...{ user_id: null, token_id: null, last_error: null, failed_at: null },
      })
      .execute(),
  );
  const row = () => service.database.db.selectFrom('outbox').selectAll().executeTakeFirst();
  await until('it was tried', async () => (await row())?.last_error != null);
  assert.match((await row())?.last_error ?? '', /of_tomorrow/);
});

test('AR21: a mail to an internationalised domain has one recipient, in ASCII', async (t) => {
  const service = await startMailed(t);
  await service.register('Alice@bücher.example');
  await service.askReset('alice@BÜCHER.example');
  await service.nextMail();
  const [mail] = service.smtp.received;
  assert.equal(mail?.to.length, 1);
  assert.match(String(mail?.raw), /^To: Alice@xn--bcher-kva\.example\r$/m);
  assert.deepEqual(
    service.smtp.commands.filter((line) => /^RCPT/i.test(line)),
    ['RCPT TO:<Alice@xn--bcher-kva.example>'],
  );
});
