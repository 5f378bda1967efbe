/** Factors and the mailbox: a reset never removes a factor, and notices tell what happened. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NEW_PASSWORD, startMailed } from '../recovery/support/mailed.ts';
import { PASSWORD } from '../support/service.ts';
import { ask, codeAt, enrol, type Pair, STEP } from './support/holder.ts';

const NOTICES = 'factor_added,factor_removed,recovery_code_used';
const verify = (service: Awaited<ReturnType<typeof startMailed>>) =>
  service.database.db
    .updateTable('users')
    .set({ email_verified_at: service.clock.now() })
    .execute();

async function startEnrolled(
  t: Parameters<typeof startMailed>[0],
  variables: Record<string, string> = {},
) {
  const service = await startMailed(t, { GATEPASS_MAIL_NOTICES: NOTICES, ...variables });
  await service.register();
  if (variables['GATEPASS_EMAIL_VERIFICATION']) await service.nextMail();
  await verify(service);
  const { access }: Pair = (await service.login()).body;
  const enrolled = await enrol(service, access);
  assert.match((await service.nextMail()).subject, /second factor was added/);
  service.clock.advance(STEP);
  return { service, ...enrolled };
}

async function reset({ service }: Awaited<ReturnType<typeof startEnrolled>>) {
  await service.askReset();
  const { uid, token } = await service.nextMail();
  const done = await service.reset({ uid, token, new_password: NEW_PASSWORD });
  assert.equal(done.status, 204, done.text);
}

test('a password reset never removes the factor of a verified account', async (t) => {
  const held = await startEnrolled(t);
  const { service, secret } = held;
  await reset(held);
  const body = { email: 'alice@example.com', password: NEW_PASSWORD };
  assert.equal((await service.post('/api/token', body)).body.code, 'second_factor_required');
  const code = codeAt(secret, service.clock.now());
  assert.equal((await service.post('/api/token', { ...body, code })).status, 200);
});

/** The state of an account that was set up before mail was. */
const unprove = (service: Awaited<ReturnType<typeof startMailed>>) =>
  service.database.db.updateTable('users').set({ email_verified_at: null }).execute();

test('a password reset keeps the factor of an unverified account if addresses are not verified', async (t) => {
  const held = await startEnrolled(t);
  const { service } = held;
  await unprove(service);
  await reset(held);
  const login = await service.login('alice@example.com', NEW_PASSWORD);
  assert.equal(login.body.code, 'second_factor_required', login.text);
});

test('AR13 if addresses are verified, a reset that first verifies an address removes earlier factors and mails a notice', async (t) => {
  const held = await startEnrolled(t, { GATEPASS_EMAIL_VERIFICATION: 'optional' });
  const { service } = held;
  await unprove(service);
  await reset(held);
  assert.match((await service.nextMail()).subject, /second factor was removed/);
  assert.equal((await service.login('alice@example.com', NEW_PASSWORD)).status, 200);
  const { db } = service.database;
  assert.deepEqual(await db.selectFrom('recovery_codes').selectAll().execute(), []);
  const rows = await db.selectFrom('audit_events').select('event').execute();
  assert.ok(rows.some(({ event }) => event === 'factor.remove'));
});

for (const verification of ['off', 'optional'])
  test(`AR13 with a mail server no factor can be set up before the address is verified (verification ${verification})`, async (t) => {
    const service = await startMailed(t, {
      GATEPASS_EMAIL_VERIFICATION: verification,
      GATEPASS_MFA: 'required',
      GATEPASS_MFA_GRACE: '1h',
    });
    await service.register();
    const { access }: Pair = (await service.login()).body;
    const refused = await ask(service, 'POST', 'factors/totp', access);
    assert.deepEqual([refused.status, refused.body.code], [403, 'email_unproved']);
    service.clock.advance(3_600_000);
    const { challenge } = (await service.login()).body;
    const setUp = () => service.post('/api/token/second_factor/setup', { challenge });
    assert.deepEqual((await setUp()).body.code, 'email_unproved');
    await verify(service);
    assert.equal((await setUp()).status, 200);
  });

test('a used recovery code and a removed factor cause a mail', async (t) => {
  const { service, recoveryCodes } = await startEnrolled(t);
  const body = { email: 'alice@example.com', password: PASSWORD, code: recoveryCodes[0] };
  const { access }: Pair = (await service.post('/api/token', body)).body;
  const used = await service.nextMail();
  assert.match(used.subject, /recovery code was used/);
  assert.equal(used.text.includes(recoveryCodes[0] ?? ''), false);
  assert.equal((await ask(service, 'DELETE', 'factors/1', access)).status, 204);
  assert.match((await service.nextMail()).subject, /second factor was removed/);
});
