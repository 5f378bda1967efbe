/** Notices to the owner of an account, each of which the operator can switch off. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { enrol } from '../mfa/support/holder.ts';
import { PASSWORD } from '../support/service.ts';
import { until } from '../support/until.ts';
import { linkOf, NEW_PASSWORD, startMailed } from './support/mailed.ts';

const CHANGED = { GATEPASS_MAIL_NOTICES: 'password_changed' };

test('a changed password is mailed to its owner, in the language of the request', async (t) => {
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

test('a reset is mailed like a changed password, and a refused one is not', async (t) => {
  const service = await startMailed(t, CHANGED);
  await service.register();
  await service.askReset();
  const reset = await service.nextMail();
  await service.reset({ ...linkOf(reset), new_password: '12345678' });
  await service.reset({ ...linkOf(reset), new_password: NEW_PASSWORD });
  assert.equal((await service.nextMail()).subject, 'Your password was changed');
});

test('with notices off nothing is queued', async (t) => {
  const service = await startMailed(t, { GATEPASS_MAIL_NOTICES: 'off' });
  await service.register();
  const { body: pair } = await service.login();
  await service.post(
    '/api/users/me/password',
    { current_password: PASSWORD, new_password: NEW_PASSWORD },
    { authorization: `Bearer ${pair.access}` },
  );
  assert.deepEqual(await service.database.db.selectFrom('outbox').selectAll().execute(), []);
});

const LIMITED = { GATEPASS_RATE_LIMITS: 'on', GATEPASS_TRUSTED_PROXIES: '127.0.0.1' };

async function watched(t: TestContext, notices: string) {
  const service = await startMailed(t, { ...LIMITED, GATEPASS_MAIL_NOTICES: notices });
  const login = (network: string, password = PASSWORD, device = 'Browser/1.0', email = ALICE) =>
    service.post(
      '/api/token',
      { email, password },
      { 'x-forwarded-for': network, 'user-agent': device },
    );
  const register = () =>
    service.post(
      '/api/users',
      { email: ALICE, password: PASSWORD },
      { 'x-forwarded-for': HOME, 'user-agent': 'Browser/1.0' },
    );
  /** The mails since the last call, once the outbox is empty. */
  let seen = 0;
  const mails = async () => {
    const rows = () => service.database.db.selectFrom('outbox').select('id').execute();
    await until('all mail has left', async () => (await rows()).length === 0);
    const since = service.smtp.received.slice(seen);
    seen = service.smtp.received.length;
    for (const _ of since) await service.nextMail();
    return since.map(({ to }) => to.join());
  };
  const nextMail = () => {
    seen++;
    return service.nextMail();
  };
  return { ...service, register, login, mails, nextMail };
}

const ALICE = 'alice@example.com';
const HOME = '198.51.100.7';
const WRONG = 'not this otter 9';

test('many failed logins, from one network or many, cause one mail', async (t) => {
  const service = await watched(t, 'login_failures');
  await service.register();
  for (let i = 0; i < 9; i++) await service.login(HOME, WRONG);
  assert.deepEqual(await service.mails(), []);
  await service.login(HOME, WRONG);
  const mail = await service.nextMail();
  assert.equal(mail.to, ALICE);
  assert.equal(mail.subject, 'Many failed logins');
  assert.match(mail.text, /^10 logins/);
  assert.match(mail.text, /198\.51\.100\.7/);
  assert.equal(mail.link, '');
  for (let i = 0; i < 15; i++) await service.login(`203.0.113.${i}`, WRONG);
  assert.deepEqual(await service.mails(), [ALICE]);
});

test('many wrong codes behind a right password cause one mail', async (t) => {
  const service = await startMailed(t, {
    ...LIMITED,
    GATEPASS_MAIL_NOTICES: 'factor_failures',
    GATEPASS_LIMITS: 'login-network=1000/15m,login-account=1000/15m,factor-network=1000/15m',
  });
  await service.register();
  // With mail set up, only an account with a verified address can add a factor.
  await service.database.transaction(({ db }) =>
    db.updateTable('users').set({ email_verified_at: service.clock.now() }).execute(),
  );
  const { body: pair } = await service.login();
  await enrol(service, pair.access);
  const guess = (i: number) =>
    service.post(
      '/api/token',
      { email: ALICE, password: PASSWORD, code: '000000' },
      { 'x-forwarded-for': `203.0.113.${i}` },
    );
  const waiting = () => service.database.db.selectFrom('outbox').select('id').execute();
  for (let i = 0; i < 14; i++) assert.equal((await guess(i)).status, 401);
  assert.deepEqual(await waiting(), []);
  await guess(14);
  const mail = await service.nextMail();
  assert.equal(mail.to, ALICE);
  assert.match(mail.text, /203\.0\.113\.14/);
  assert.equal(mail.link, '');
  for (let i = 15; i < 25; i++) await guess(i);
  await until('all mail has left', async () => (await waiting()).length === 0);
  assert.equal(service.smtp.received.length, 1);
});

test('many failed logins to an address without an active account cause no mail', async (t) => {
  const service = await watched(t, 'login_failures');
  await service.register();
  await service.database.transaction(({ db }) =>
    db.updateTable('users').set({ is_active: 0 }).execute(),
  );
  for (let i = 0; i < 10; i++) {
    await service.login('203.0.113.1', WRONG, 'x', 'nobody@example.com');
    await service.login('203.0.113.2', WRONG);
  }
  assert.deepEqual(await service.mails(), []);
});

test('failed logins with a username are mailed to its account', async (t) => {
  const service = await startMailed(t, {
    ...LIMITED,
    GATEPASS_LOGIN_FIELDS: 'email,username',
    GATEPASS_MAIL_NOTICES: 'login_failures',
  });
  const registered = { email: ALICE, username: 'alice', password: PASSWORD };
  assert.equal((await service.post('/api/users', registered)).status, 201);
  for (let i = 0; i < 10; i++)
    await service.post('/api/token', { username: 'alice', password: WRONG });
  assert.equal((await service.nextMail()).to, ALICE);
});

test('a mailbox gets at most three notices a day', async (t) => {
  const service = await watched(t, 'login_failures');
  await service.register();
  for (let round = 0; round < 5; round++) {
    for (let i = 0; i < 10; i++) await service.login(HOME, WRONG);
    service.clock.advance(20 * 60_000);
  }
  assert.equal((await service.mails()).length, 3);
});

test('a login with a new device and from a new network causes a mail', async (t) => {
  const service = await watched(t, 'new_device');
  await service.register();
  const ok = async (network: string, device?: string) =>
    assert.equal((await service.login(network, PASSWORD, device)).status, 200);
  await ok(HOME);
  await ok(HOME, 'Phone/3.1');
  await ok('203.0.113.1');
  assert.deepEqual(await service.mails(), []);
  assert.equal((await service.login('203.0.113.2', WRONG, 'Thief/1')).status, 401);
  assert.deepEqual(await service.mails(), []);
  await ok('203.0.113.2', 'Thief/1');
  const mail = await service.nextMail();
  assert.equal(mail.subject, 'New sign-in to your account');
  assert.match(mail.text, /203\.0\.113\.2/);
  await ok('203.0.113.2', 'Thief/1');
  await ok('203.0.113.3', 'Thief/2');
  assert.deepEqual(await service.mails(), [], 'an update is no new device');
});

test('neither the first login of an account nor a switched-off notice causes a mail', async (t) => {
  const first = await watched(t, 'new_device');
  await first.register();
  await first.login('203.0.113.9', PASSWORD, 'Other/1');
  assert.deepEqual(await first.mails(), []);
  const off = await watched(t, 'off');
  await off.register();
  await off.login(HOME);
  await off.login('203.0.113.9', PASSWORD, 'Other/1');
  for (let i = 0; i < 10; i++) await off.login('203.0.113.8', WRONG);
  assert.deepEqual(await off.mails(), []);
});

test('a changed address is mailed to the old one, unless the operator switched that off', async (t) => {
  for (const [notices, expected] of [
    ['email_changed', ['new@example.com', ALICE]],
    ['off', ['new@example.com']],
  ] as const) {
    const service = await startMailed(t, { GATEPASS_MAIL_NOTICES: notices });
    await service.register();
    const { body: pair } = await service.login();
    await service.setEmail(pair.access, {
      new_email: 'new@example.com',
      current_password: PASSWORD,
    });
    await service.confirmEmail(linkOf(await service.nextMail()));
    const rows = () => service.database.db.selectFrom('outbox').select('id').execute();
    await until('all mail has left', async () => (await rows()).length === 0);
    assert.deepEqual(
      service.smtp.received.map(({ to }) => to.join()),
      expected,
    );
  }
});
