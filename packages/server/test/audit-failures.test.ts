/** Attempts that failed, in the audit log: under which account, and how many of them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failures } from './support/audit.ts';
import { startService } from './support/service.ts';

test('a throttled login of an account, and a wrong password where it is asked for again, tell whose', async (t) => {
  const service = await startService(t, { GATEPASS_RATE_LIMITS: 'on' });
  await service.register();
  const { access } = (await service.login()).body;
  const headers = { authorization: `Bearer ${access}`, 'content-type': 'application/json' };
  const body = JSON.stringify({ current_password: 'wrong otter parade 41' });
  const remove = () => service.send('/api/users/me', { method: 'DELETE', headers, body });
  for (let i = 0; i < 10; i++) assert.equal((await remove()).status, 400);
  assert.equal((await remove()).status, 429);
  assert.equal((await service.login()).status, 429);
  const throttled = await failures(service, 2, 'login.throttled');
  const failed = await failures(service, 10);
  assert.deepEqual([...new Set([...throttled, ...failed].map(({ user_id }) => user_id))], [1]);
});
