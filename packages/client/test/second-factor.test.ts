/** An account with an authenticator app logs in with the SDK, against the real service. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codeAt, STEP, startWithFactor } from '../../server/test/mfa/support/holder.ts';
import { NEW_PASSWORD } from '../../server/test/recovery/support/mailed.ts';
import { changePassword, endSessions } from '../src/account.ts';
import { createDevice, EMAIL, PASSWORD } from './support/device.ts';

test('a login without the code says that one is needed, and with it succeeds', async (t) => {
  const { service, secret } = await startWithFactor(t);
  const { client, changes } = createDevice(t, service);
  await assert.rejects(client.login(EMAIL, PASSWORD), {
    code: 'invalid_credentials',
    reason: 'second_factor_required',
  });
  assert.deepEqual(changes, []);
  await client.login(EMAIL, PASSWORD, codeAt(secret, service.clock.now()));
  assert.equal((await client.user()).email, EMAIL);
  assert.deepEqual(changes, ['login']);
});

test('a new password and ending other sessions send the code', async (t) => {
  const { service, secret } = await startWithFactor(t);
  const { client } = createDevice(t, service);
  const code = () => codeAt(secret, service.clock.now());
  await client.login(EMAIL, PASSWORD, code());
  service.clock.advance(STEP);
  await assert.rejects(changePassword(client, PASSWORD, NEW_PASSWORD), {
    code: 'invalid_fields',
    fields: { code: ['This field is required.'] },
  });
  await changePassword(client, PASSWORD, NEW_PASSWORD, code());
  service.clock.advance(STEP);
  await endSessions(client, 'others', NEW_PASSWORD, code());
  assert.equal((await client.user()).email, EMAIL);
});
