/** docs/security-cases.md, LE03: what a failed login costs says nothing of how the password is stored. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { REAL_HASHES } from '../support/hashing.ts';
import { startService } from '../support/service.ts';
import { createTestTimers } from '../support/timers.ts';
import { until } from '../support/until.ts';

const PBKDF2 =
  'pbkdf2_sha256$260000$B7C4CVyyxL5ej58pMoeQOb$HpK6s3WJfystklkOAOTY1ambsKFZTtrUXaEE+sZ+cIs=';
// Some twenty times as dear as a hash of today, so that a busy machine takes none for the other.
const DEAR = PBKDF2.replace('$260000$', '$2600000$');
const WRONG = 'wrong otter parade 41';

// The order of events only: `npm run timing` measures times, of accounts without imported hashes.
test('LE03 while imported hashes are in use, failures against faster hashes are delayed', async (t) => {
  const timers = createTestTimers();
  let compared = 0;
  const hashing = { finished: () => compared++ };
  const service = await startService(t, REAL_HASHES, { timers, hashing });
  const store = (passwordHash: string) =>
    service.database.db
      .updateTable('users')
      .set({ password_hash: passwordHash })
      .where('email', '=', 'imported@example.com')
      .execute();
  await service.register('imported@example.com');
  await service.register('new@example.com');
  assert.equal((await service.login('new@example.com', WRONG)).status, 401, 'all are of one kind');
  await store(DEAR);
  assert.equal((await service.login('imported@example.com', WRONG)).status, 401);
  for (const email of ['new@example.com', 'nobody@example.com']) {
    const before = compared;
    let isAnswered = false;
    const answer = service.login(email, WRONG).finally(() => {
      isAnswered = true;
    });
    await until('the password is compared', () => compared > before);
    await sleep(100);
    assert.ok(!isAnswered, 'it waits for the rest');
    await until('it is answered', async () => {
      await timers.advance(2000);
      return isAnswered;
    });
    assert.equal((await answer).status, 401);
  }
  await store(PBKDF2);
  assert.equal((await service.login('imported@example.com')).status, 200);
  assert.equal((await service.login('new@example.com')).status, 200);
});
