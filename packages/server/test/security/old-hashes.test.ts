/** SECURITY.md, LE03: what a failed login costs says nothing of how the password is stored. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startService } from '../support/service.ts';

const PBKDF2 =
  'pbkdf2_sha256$260000$B7C4CVyyxL5ej58pMoeQOb$HpK6s3WJfystklkOAOTY1ambsKFZTtrUXaEE+sZ+cIs=';

const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1] ?? 0;

test('LE03 while imported hashes are in use, every failed login takes the same time', async (t) => {
  const service = await startService(t);
  await service.register('imported@example.com');
  const users = service.database.db.updateTable('users');
  await users.set({ password_hash: PBKDF2 }).execute();
  await service.register('new@example.com');
  const wrong = 'wrong otter parade 41';
  const attempts = ['imported@example.com', 'new@example.com', 'nobody@example.com'];
  const spread = async () => {
    const samples = attempts.map((email) => ({ email, ms: [] as number[] }));
    for (let round = 0; round < 25; round++) {
      for (const { email, ms } of samples) {
        const begin = performance.now();
        assert.equal((await service.login(email, wrong)).status, 401);
        ms.push(performance.now() - begin);
      }
    }
    const medians = samples.map(({ ms }) => median(ms.slice(5)));
    return (Math.max(...medians) - Math.min(...medians)) / Math.min(...medians);
  };
  // The hashes themselves differ by a factor of three or more; a busy machine can spoil a round.
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 4 && best > 0.3; round++) best = Math.min(best, await spread());
  assert.ok(best <= 0.3, `the medians differ by ${Math.round(best * 100)} %`);
  assert.equal((await service.login('imported@example.com')).status, 200);
  assert.equal((await service.login('new@example.com')).status, 200);
});
