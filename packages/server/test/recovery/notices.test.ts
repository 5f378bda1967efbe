/** Notices to the owner of an account, each of which the operator can switch off. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PASSWORD } from '../support/service.ts';
import { linkOf, NEW_PASSWORD, startMailed } from './support/mailed.ts';

const CHANGED = { GATEPASS_MAIL_NOTICES: 'password_changed' };

test('a changed password is told to its owner, in the language of the request', async (t) => {
  const service = await startMailed(t, CHANGED);
  await service.register();
  const { body: pair } = await service.login();
  await service.post(
    '/api/users/me/password',
    { current_password: PASSWORD, new_password: NEW_PASSWORD },
    { authorization: `Bearer ${pair.access}`, 'accept-language': 'ru' },
  );
  const mail = await service.nextMail();
  assert.equal(mail.to, 'alice@example.com');
  assert.equal(mail.subject, 'Пароль изменён');
  assert.match(mail.text, /127\.0\.0\.1/);
  assert.equal(mail.link, '');
});

test('a reset is told as a changed password; one that was refused is not', async (t) => {
  const service = await startMailed(t, CHANGED);
  await service.register();
  await service.askReset();
  const reset = await service.nextMail();
  await service.reset({ ...linkOf(reset), new_password: '12345678' });
  await service.reset({ ...linkOf(reset), new_password: NEW_PASSWORD });
  assert.equal((await service.nextMail()).subject, 'Your password was changed');
});

test('off: nothing is queued', async (t) => {
  const service = await startMailed(t);
  await service.register();
  const { body: pair } = await service.login();
  await service.post(
    '/api/users/me/password',
    { current_password: PASSWORD, new_password: NEW_PASSWORD },
    { authorization: `Bearer ${pair.access}` },
  );
  assert.deepEqual(await service.database.db.selectFrom('outbox').selectAll().execute(), []);
});
