/** GATEPASS_MFA=required: no session without a factor after the grace period, and a way to set one up. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newSharedDatabase } from '../support/databases.ts';
import { claimsOf, startService } from '../support/service.ts';
import { ask, codeAt, MINUTE, type Pair, STEP } from './support/holder.ts';

const DAY = 86_400_000;
const REQUIRED = { GATEPASS_MFA: 'required' };

test('in the grace period an account logs in without a factor and sees the deadline', async (t) => {
  const service = await startService(t, REQUIRED);
  await service.register();
  const until = new Date(service.clock.now() + 7 * DAY).toISOString();
  service.clock.advance(7 * DAY - MINUTE);
  const { access }: Pair = (await service.login()).body;
  const listed = (await ask(service, 'GET', 'factors', access)).body;
  assert.equal(listed.required_from, until);
  service.clock.advance(MINUTE);
  assert.equal((await service.login()).body.code, 'second_factor_setup_required');
});

test('an existing account has the whole grace period, on every node and after a restart', async (t) => {
  const url = { GATEPASS_DATABASE_URL: await newSharedDatabase(t) };
  const before = await startService(t, url);
  await before.register();
  const { clock } = before;
  clock.advance(100 * DAY);
  const first = await startService(t, { ...url, ...REQUIRED, GATEPASS_MFA_GRACE: '1d' }, { clock });
  clock.advance(DAY - MINUTE);
  const second = await startService(
    t,
    { ...url, ...REQUIRED, GATEPASS_MFA_GRACE: '1d' },
    { clock },
  );
  assert.equal((await first.login()).status, 200);
  clock.advance(MINUTE);
  for (const node of [first, second])
    assert.equal((await node.login()).body.code, 'second_factor_setup_required');
});

test('the first factor, with recovery codes, is set up between the password and the session', async (t) => {
  const service = await startService(t, { ...REQUIRED, GATEPASS_MFA_GRACE: '0s' });
  await service.register();
  const refused = await service.login();
  assert.deepEqual(
    [refused.status, refused.body.detail],
    [401, 'A second factor must be set up first.'],
  );
  const { challenge } = refused.body;
  const sessions = () => service.database.db.selectFrom('sessions').selectAll().execute();
  assert.equal(
    (await service.post('/api/token/second_factor', { challenge, code: '000000' })).status,
    401,
  );
  const begun = await service.post('/api/token/second_factor/setup', { challenge });
  assert.equal(begun.status, 200, begun.text);
  assert.deepEqual(Object.keys(begun.body), ['secret', 'uri']);
  assert.deepEqual(await sessions(), []);
  const code = codeAt(begun.body.secret, service.clock.now());
  const complete = () => service.post('/api/token/second_factor', { challenge, code });
  const answers = await Promise.all([complete(), complete(), complete()]);
  const [done, ...others] = answers.toSorted((a, b) => a.status - b.status);
  assert.ok(done);
  assert.equal(done.status, 200, done.text);
  for (const other of others) assert.equal(other.status, 401, other.text);
  assert.deepEqual(Object.keys(done.body), ['refresh', 'access', 'recovery_codes']);
  assert.equal(done.body.recovery_codes.length, 10);
  assert.deepEqual(claimsOf(done.body.access)['amr'], ['pwd', 'otp', 'mfa']);
  assert.equal((await sessions()).length, 1);
  service.clock.advance(STEP);
  assert.equal((await service.login()).body.code, 'second_factor_required');
});

test('a challenge of one kind is refused for the other', async (t) => {
  const service = await startService(t, { ...REQUIRED, GATEPASS_MFA_GRACE: '0s' });
  await service.register();
  const setUp = (challenge: string) =>
    service.post('/api/token/second_factor/setup', { challenge });
  const { challenge } = (await service.login()).body;
  const { secret } = (await setUp(challenge)).body;
  const code = codeAt(secret, service.clock.now());
  await service.post('/api/token/second_factor', { challenge, code });
  const asked = (await service.login()).body;
  assert.equal(asked.code, 'second_factor_required');
  assert.equal((await setUp(asked.challenge)).body.code, 'challenge_not_valid');
  assert.equal((await setUp(challenge)).body.code, 'challenge_not_valid', 'used');
});

test('a challenge to set a factor up is void once the account has one', async (t) => {
  const service = await startService(t, { ...REQUIRED, GATEPASS_MFA_GRACE: '0s' });
  await service.register();
  const setUp = (challenge: string) =>
    service.post('/api/token/second_factor/setup', { challenge });
  const complete = (challenge: string, secret: string) =>
    service.post('/api/token/second_factor', {
      challenge,
      code: codeAt(secret, service.clock.now()),
    });
  const thief = (await service.login()).body.challenge;
  const owner = (await service.login()).body.challenge;
  const { secret } = (await setUp(owner)).body;
  assert.equal((await complete(owner, secret)).status, 200);
  assert.equal((await setUp(thief)).body.code, 'challenge_not_valid');
  assert.equal((await complete(thief, secret)).body.code, 'challenge_not_valid');
  const factors = await service.database.db.selectFrom('totp_factors').selectAll().execute();
  assert.equal(factors.length, 1);
});
