/** An operator changes the claims of a user who is logged in. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accountsOf } from '../../server/test/security/support/accounts.ts';
import { createDevice, EMAIL, PASSWORD, startWithAlice } from './support/device.ts';
import { ME, REFRESH } from './support/wire.ts';

for (const variables of [{}, { GATEPASS_ROTATE_REFRESH_TOKENS: 'true' }])
  test(`CL02 the client fetches changed claims by itself, and the session goes on ${JSON.stringify(variables)}`, async (t) => {
    const service = await startWithAlice(t, variables);
    const { setClaims } = await accountsOf(service);
    await setClaims({ role: 'admin' });
    const { client, wire, changes } = createDevice(t, service);
    await client.login(EMAIL, PASSWORD);
    assert.deepEqual({ ...(await client.user()) }.claims, { role: 'admin' });
    await setClaims({ role: 'user' });
    wire.sent.length = 0;
    const users = await Promise.all([client.user(), client.user(), client.user()]);
    for (const user of users) assert.deepEqual({ ...user }.claims, { role: 'user' });
    assert.equal(wire.sent.filter((call) => call === REFRESH).length, 1);
    assert.equal(wire.sent.filter((call) => call === ME).length, 6);
    assert.deepEqual(changes, ['login']);
    assert.equal(client.isLoggedIn, true);
  });
