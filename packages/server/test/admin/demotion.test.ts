/** A key that is created in the instant in which its administrator is taken away. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startAdministration } from './support/administration.ts';

const KEYS = '/api/admin/api_keys';
const EMAIL = 'alice@example.com';

for (const [what, method, path] of [
  ['demoted', 'DELETE', '2/admin'],
  ['disabled', 'POST', '2/disable'],
] as const)
  test(`AD01 a key created while its administrator is being ${what} is revoked`, async (t) => {
    const admin = await startAdministration(t);
    const root = await admin.begin();
    await admin.register(EMAIL);
    const change = (name: string, by: string) =>
      admin.ask(`/api/admin/users/${name}`, { method: by }, root);
    const outcomes = new Set<number>();
    for (let round = 0; round < 10; round++) {
      await change('2/enable', 'POST');
      assert.equal((await change('2/admin', 'POST')).status, 200);
      const { token } = (await admin.logIn(EMAIL)).body;
      const body = { name: 'In the last moment', scopes: ['users:write'] };
      const create = () => admin.ask(KEYS, { method: 'POST', body }, token);
      const [taken, ...created] = await Promise.all([
        change(path, method),
        ...Array.from({ length: 6 }, create),
      ]);
      assert.equal(taken.status, 200);
      for (const { status, body } of created) {
        outcomes.add(status);
        if (status !== 201) assert.equal(body.code, 'credential_not_valid');
        else {
          const { code } = (await admin.ask('/api/admin/users', {}, body.key)).body;
          assert.equal(code, 'credential_not_valid', `round ${round}`);
        }
      }
    }
    assert.ok(outcomes.has(401), 'they overlapped');
  });
