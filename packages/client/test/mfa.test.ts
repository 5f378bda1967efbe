/** `@gatepass/client/mfa` against the real service. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codeAt, MINUTE, STEP, startWithFactor } from '../../server/test/mfa/support/holder.ts';
import {
  beginSetUp,
  completeLogin,
  confirm,
  confirmTotp,
  listFactors,
  logIn,
  removeFactor,
  renewRecoveryCodes,
  setUpTotp,
} from '../src/mfa.ts';
import { createDevice, EMAIL, PASSWORD, startWithAlice } from './support/device.ts';

test('an app is set up, turned on, asked for at a login and removed', async (t) => {
  const service = await startWithAlice(t);
  const { client, changes } = createDevice(t, service);
  assert.equal(await logIn(client, EMAIL, PASSWORD), undefined);
  const { secret, uri } = await setUpTotp(client, 'Phone');
  assert.match(uri, /^otpauth:/);
  const code = () => codeAt(secret, service.clock.now());
  await assert.rejects(confirmTotp(client, '000000'), { code: 'invalid_fields' });
  assert.equal((await confirmTotp(client, code())).length, 10);
  service.clock.advance(STEP);
  const { factors, recovery_codes_left: left } = await listFactors(client);
  assert.deepEqual(
    factors.map(({ type, name }) => [type, name]),
    [['totp', 'Phone']],
  );
  assert.equal(left, 10);
  const other = createDevice(t, service);
  await assert.rejects(logIn(other.client, EMAIL, 'wrong'), { code: 'invalid_credentials' });
  const pending = await logIn(other.client, EMAIL, PASSWORD);
  assert.deepEqual(pending?.methods, ['totp', 'recovery_code']);
  assert.equal(other.client.isLoggedIn, false);
  assert.ok(pending);
  await assert.rejects(completeLogin(other.client, pending, '000000'), {
    code: 'invalid_credentials',
    reason: 'second_factor_invalid',
  });
  assert.deepEqual(await completeLogin(other.client, pending, code()), []);
  assert.deepEqual([other.client.isLoggedIn, other.changes], [true, ['login']]);
  await assert.rejects(completeLogin(other.client, pending, code()), {
    reason: 'challenge_not_valid',
  });
  const [{ id } = { id: 0 }] = factors;
  assert.equal((await renewRecoveryCodes(client)).length, 10);
  assert.equal(await removeFactor(client, id), true);
  assert.equal(await removeFactor(client, id), false);
  assert.deepEqual(changes, ['login']);
});

test('ten minutes after the login a change requires a proof, or a step-up whose access token the client keeps', async (t) => {
  const { service, secret } = await startWithFactor(t, { GATEPASS_ACCESS_TOKEN_LIFETIME: '1h' });
  const { client, changes } = createDevice(t, service);
  const code = () => codeAt(secret, service.clock.now());
  await client.login(EMAIL, PASSWORD, code());
  service.clock.advance(11 * MINUTE);
  await assert.rejects(renewRecoveryCodes(client), { reason: 'reauthentication_required' });
  await renewRecoveryCodes(client, { current_password: PASSWORD, code: code() });
  service.clock.advance(STEP);
  await confirm(client, { current_password: PASSWORD, code: code() });
  assert.equal((await renewRecoveryCodes(client)).length, 10);
  assert.deepEqual(changes, ['login']);
});

test('with a required factor the login sets one up', async (t) => {
  const service = await startWithAlice(t, { GATEPASS_MFA: 'required', GATEPASS_MFA_GRACE: '1h' });
  const { client } = createDevice(t, service);
  service.clock.advance(60 * MINUTE);
  const pending = await logIn(client, EMAIL, PASSWORD);
  assert.ok(pending);
  assert.equal(pending.methods, undefined);
  const { secret } = await beginSetUp(client, pending);
  const codes = await completeLogin(client, pending, codeAt(secret, service.clock.now()));
  assert.deepEqual([codes.length, client.isLoggedIn], [10, true]);
});
