/** Actions that ask for the password also ask for a code if the account has a second factor. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NEW_PASSWORD, startMailed } from '../recovery/support/mailed.ts';
import { claimsOf, PASSWORD, startService } from '../support/service.ts';
import { ask, codeAt, enrol, MINUTE, type Pair, startWithFactor } from './support/holder.ts';

const LONG = { GATEPASS_ACCESS_TOKEN_LIFETIME: '1h' };
const CHANGE = { current_password: PASSWORD, new_password: NEW_PASSWORD };
const NEEDS_CODE = [400, { code: ['This field is required.'] }];

test('changing the password requires a code, and the new tokens show it', async (t) => {
  const { service, login, code } = await startWithFactor(t, LONG);
  const { access }: Pair = (await login({ code: code() })).body;
  service.clock.advance(11 * MINUTE);
  const change = (path: string, body: object) => ask(service, 'POST', path, access, body);
  for (const path of ['password', '../set_password']) {
    const alone = await change(path, CHANGE);
    assert.deepEqual([alone.status, alone.body], NEEDS_CODE, path);
    const wrong = await change(path, { ...CHANGE, code: '000000' });
    assert.deepEqual([wrong.status, Object.keys(wrong.body)], [400, ['code']], path);
  }
  assert.equal((await login({ code: '000000' })).body.code, 'second_factor_invalid', 'unchanged');
  const changed = await change('password', { ...CHANGE, code: code() });
  assert.equal(changed.status, 200, changed.text);
  assert.deepEqual(claimsOf(changed.body.access)['amr'], ['pwd', 'otp', 'mfa']);
  assert.equal((await ask(service, 'DELETE', 'factors/1', changed.body.access)).status, 204);
});

test('changing the address, deleting the account and ending sessions require a code too', async (t) => {
  const service = await startMailed(t, LONG);
  await service.register();
  await service.database.db
    .updateTable('users')
    .set({ email_verified_at: service.clock.now() })
    .execute();
  const { access }: Pair = (await service.login()).body;
  const { secret } = await enrol(service, access);
  service.clock.advance(11 * MINUTE);
  const proof = { current_password: PASSWORD };
  for (const [method, path, body] of [
    ['POST', '../set_email', { ...proof, new_email: 'alice@example.org' }],
    ['DELETE', '../../sessions?scope=others', proof],
    ['DELETE', '', proof],
  ] as const) {
    const alone = await ask(service, method, path, access, body);
    assert.deepEqual([alone.status, alone.body], NEEDS_CODE, path);
    const code = codeAt(secret, service.clock.now());
    const both = await ask(service, method, path, access, { ...body, code });
    assert.equal(both.status, 204, both.text);
    service.clock.advance(MINUTE);
  }
});

test('with required factors a changed password opens no session without a factor', async (t) => {
  const required = { ...LONG, GATEPASS_MFA: 'required', GATEPASS_MFA_GRACE: '20m' };
  const service = await startService(t, required);
  await service.register();
  const { access }: Pair = (await service.login()).body;
  service.clock.advance(21 * MINUTE);
  const refused = await ask(service, 'POST', 'password', access, CHANGE);
  assert.deepEqual([refused.status, refused.body.code], [401, 'second_factor_setup_required']);
  const { challenge } = refused.body;
  const begun = await service.post('/api/token/second_factor/setup', { challenge });
  const code = codeAt(begun.body.secret, service.clock.now());
  const done = await service.post('/api/token/second_factor', { challenge, code });
  assert.equal(done.status, 200, done.text);
  const sessions = await service.database.db.selectFrom('sessions').selectAll().execute();
  assert.equal(sessions.filter(({ ended_at }) => ended_at === null).length, 1);
});
