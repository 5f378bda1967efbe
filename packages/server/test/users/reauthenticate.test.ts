/** What asks for the password again relies on the password that was checked, and on no other. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { perform } from '../../src/passwords/hash-job.ts';
import type { HashThread } from '../../src/passwords/hash-thread.ts';
import { PASSWORD, startService } from '../support/service.ts';

const REPLACED = 'granite otter parade 41';

/** A service that runs `meanwhile` to its end when a password has just been compared. */
async function startWith(t: Parameters<typeof startService>[0]) {
  const meanwhile: { run?: () => Promise<void> } = {};
  const createHashThread = (): HashThread => ({
    async run(job) {
      const result = await perform(job);
      await meanwhile.run?.();
      return result;
    },
    stop() {},
  });
  const service = await startService(t, {}, { createHashThread });
  await service.register();
  const { access } = (await service.login()).body;
  const headers = { authorization: `Bearer ${access}`, 'content-type': 'application/json' };
  const ask = (method: string, path: string, body: object) =>
    service.send(path, { method, headers, body: JSON.stringify(body) });
  return { service, meanwhile, ask };
}

test('a deletion or change whose password was changed meanwhile is refused', async (t) => {
  const { service, meanwhile, ask } = await startWith(t);
  await service.register('bob@example.com', REPLACED);
  const { db } = service.database;
  const users = await db
    .selectFrom('users')
    .select(['id', 'password_hash'])
    .orderBy('id')
    .execute();
  const [alice, bob] = users;
  assert.ok(alice && bob);
  const setHash = (password_hash: string | null) =>
    service.database.transaction(async (tx) => {
      await tx.db.updateTable('users').set({ password_hash }).where('id', '=', alice.id).execute();
    });

  for (const [method, path, body] of [
    ['DELETE', '/api/users/me', { current_password: PASSWORD }],
    [
      'POST',
      '/api/users/me/password',
      { current_password: PASSWORD, new_password: 'velvet otter parade 42' },
    ],
  ] as const) {
    meanwhile.run = () => {
      delete meanwhile.run;
      return setHash(bob.password_hash);
    };
    const answer = await ask(method, path, body);
    assert.equal(answer.status, 400, answer.text);
    assert.deepEqual(Object.keys(answer.body), ['current_password']);
    assert.equal((await service.login('alice@example.com', REPLACED)).status, 200, path);
    await setHash(alice.password_hash);
  }
  assert.equal((await ask('DELETE', '/api/users/me', { current_password: PASSWORD })).status, 204);
});
