/** An account with an authenticator app logs in with the SDK, against the real service. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codeAt, startWithFactor } from '../../server/test/mfa/support/holder.ts';
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
