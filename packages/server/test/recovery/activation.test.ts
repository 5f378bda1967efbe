/** docs/security-cases.md, group AR: an address is proved before anything on its account is trusted. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runCommand } from '../support/command.ts';
import { newSharedDatabase, workDirectory } from '../support/databases.ts';
import { PASSWORD } from '../support/service.ts';
import { linkOf, NEW_PASSWORD, startMailed } from './support/mailed.ts';

const HOUR = 3_600_000;
const REQUIRED = { GATEPASS_EMAIL_VERIFICATION: 'required' };
const NOT_VERIFIED = { detail: 'E-mail address is not verified.', code: 'email_not_verified' };

test('required: before the address is verified the right password opens no session, and a wrong one gets the usual refusal', async (t) => {
  const service = await startMailed(t, REQUIRED);
  const registered = await service.register();
  assert.equal(registered.status, 201);
  const mail = await service.nextMail();
  const early = await service.login();
  assert.deepEqual([early.status, early.body], [401, NOT_VERIFIED]);
  const wrong = await service.login('alice@example.com', 'not this otter 9');
  const unknown = await service.login('nobody@example.com', 'not this otter 9');
  assert.deepEqual(wrong.body, unknown.body);
  assert.equal((await service.activate(linkOf(mail))).status, 204);
  assert.equal((await service.login()).status, 200);
});

test('optional: a mail is sent, and login works before the address is verified', async (t) => {
  const service = await startMailed(t, { GATEPASS_EMAIL_VERIFICATION: 'optional' });
  await service.register();
  assert.equal((await service.login()).status, 200);
  assert.match((await service.nextMail()).subject, /Confirm/);
});

test('AR07: a link works repeatedly until it expires', async (t) => {
  const service = await startMailed(t, REQUIRED);
  await service.register();
  const link = linkOf(await service.nextMail());
  assert.equal((await service.activate(link)).status, 204);
  assert.equal((await service.activate(link)).status, 204);
  service.clock.advance(25 * HOUR);
  assert.equal((await service.activate(link)).status, 400);
});

test('AR15: activation opens no session', async (t) => {
  const service = await startMailed(t, REQUIRED);
  await service.register();
  const response = await service.activate(linkOf(await service.nextMail()));
  assert.deepEqual([response.status, response.text], [204, '']);
  assert.equal(response.headers.get('set-cookie'), null);
  assert.deepEqual(await service.database.db.selectFrom('sessions').selectAll().execute(), []);
});

test('a code activates as well as a link', async (t) => {
  const service = await startMailed(t, REQUIRED);
  await service.register();
  const { code } = await service.nextMail();
  assert.equal((await service.activate({ email: 'alice@example.com', code })).status, 204);
  assert.equal((await service.login()).status, 200);
});

test('AR14: registering an unverified address again replaces its password', async (t) => {
  const service = await startMailed(t, REQUIRED);
  const first = await service.register('alice@example.com', 'squatting otter 41');
  await service.nextMail();
  const second = await service.register('alice@example.com', PASSWORD);
  assert.equal(second.status, 201);
  assert.equal(second.body.id, first.body.id);
  assert.equal((await service.activate(linkOf(await service.nextMail()))).status, 204);
  assert.equal((await service.login('alice@example.com', 'squatting otter 41')).status, 401);
  assert.equal((await service.login()).status, 200);
  const third = await service.register('alice@example.com', NEW_PASSWORD);
  assert.deepEqual(third.body, { email: ['user with this email address already exists.'] });
});

test('AR13: a reset of an unverified account discards earlier settings', async (t) => {
  const service = await startMailed(t, { GATEPASS_EMAIL_VERIFICATION: 'optional' });
  await service.register();
  await service.nextMail();
  const { body: attacker } = await service.login();
  await service.setEmail(attacker.access, {
    new_email: 'attacker@example.com',
    current_password: PASSWORD,
  });
  const pending = await service.nextMail();
  await service.askReset();
  const reset = await service.nextMail();
  const done = await service.reset({ ...linkOf(reset), new_password: NEW_PASSWORD });
  assert.equal(done.status, 204);
  assert.equal((await service.verify(attacker.access)).status, 401);
  assert.equal((await service.refresh(attacker.refresh)).status, 401);
  assert.equal((await service.confirmEmail(linkOf(pending))).status, 400);
  assert.equal((await service.login()).status, 401);
  assert.equal((await service.login('alice@example.com', NEW_PASSWORD)).status, 200);
});

test('a reset verifies the address', async (t) => {
  const service = await startMailed(t, REQUIRED);
  await service.register();
  await service.nextMail();
  await service.askReset();
  await service.reset({ ...linkOf(await service.nextMail()), new_password: NEW_PASSWORD });
  assert.equal((await service.login('alice@example.com', NEW_PASSWORD)).status, 200);
});

test('another mail is sent to unverified accounts only, with the same response for all addresses', async (t) => {
  const service = await startMailed(t, REQUIRED);
  await service.register();
  const first = linkOf(await service.nextMail());
  for (const email of ['alice@example.com', 'nobody@example.com'])
    assert.equal((await service.resend(email)).status, 204);
  const second = linkOf(await service.nextMail());
  assert.equal((await service.activate(first)).status, 400, 'superseded');
  assert.equal((await service.activate(second)).status, 204);
  await service.resend();
  await service.askReset();
  assert.match((await service.nextMail()).subject, /Reset/);
});

test('AR14: an account that has been used is not registered anew, verified or not', async (t) => {
  const url = await newSharedDatabase(t);
  const before = await startMailed(t, { GATEPASS_DATABASE_URL: url });
  await before.register();
  await before.login();
  const service = await startMailed(t, { ...REQUIRED, GATEPASS_DATABASE_URL: url });
  const again = await service.register('alice@example.com', 'squatting otter 41');
  assert.deepEqual(again.body, { email: ['user with this email address already exists.'] });
  await service.resend();
  await service.activate(linkOf(await service.nextMail()));
  assert.equal((await service.login()).status, 200);
});

test('repeated registrations of an unverified address do not fill its mailbox', async (t) => {
  const service = await startMailed(t, {
    ...REQUIRED,
    GATEPASS_RATE_LIMITS: 'on',
    GATEPASS_LIMITS: 'register-network=100/1h',
  });
  for (let i = 0; i < 6; i++) {
    assert.equal((await service.register()).status, 201);
    // Wait for the mail: the next request would supersede one that has not been sent.
    if (i < 4) await service.nextMail();
  }
  await service.register('bob@example.com');
  assert.equal((await service.nextMail()).to, 'bob@example.com');
});

test('AR14: an account that an operator made or gave a role is not registered anew', async (t) => {
  const env = { GATEPASS_DATABASE_URL: await newSharedDatabase(t) };
  const service = await startMailed(t, { ...REQUIRED, ...env });
  const directory = await workDirectory(t);
  const made = await runCommand(directory, ['user', 'create', 'boss@example.com'], PASSWORD, env);
  assert.equal(made.code, 0, made.stderr);
  const taken = { email: ['user with this email address already exists.'] };
  assert.deepEqual((await service.register('boss@example.com', NEW_PASSWORD)).body, taken);
  assert.deepEqual((await service.login('boss@example.com')).body, NOT_VERIFIED);
  await service.register();
  await service.nextMail();
  const set = ['user', 'set-claims', 'alice@example.com', '{"role":"admin"}'];
  const given = await runCommand(directory, set, '', env);
  assert.equal(given.code, 0, given.stderr);
  assert.deepEqual((await service.register('alice@example.com', NEW_PASSWORD)).body, taken);
});
