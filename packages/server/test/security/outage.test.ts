/** docs/security-cases.md, LE15: a database that cannot serve is an outage, not a lie about credentials. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from 'kysely';
import { SQLITE_ONLY } from '../support/databases.ts';
import { type Service, startService } from '../support/service.ts';

async function assertUnavailable(service: Service): Promise<void> {
  for (const answer of [await service.login(), await service.register('new@example.com')]) {
    assert.equal(answer.status, 503, answer.text);
    assert.match(answer.headers.get('retry-after') ?? '', /^\d+$/);
    assert.equal(answer.body.code, 'unavailable');
  }
}

test(
  'LE15 a database that cannot be written is 503 and Retry-After, never 401',
  SQLITE_ONLY,
  async (t) => {
    const service = await startService(t);
    await service.register();
    const { body: pair } = await service.login();
    await sql`PRAGMA query_only = ON`.execute(service.database.db);
    await assertUnavailable(service);
    assert.equal((await service.refresh(pair.refresh)).status, 200);
    const wrong = await service.login('alice@example.com', 'wrong otter parade 41');
    assert.equal(wrong.status, 401);
    await sql`PRAGMA query_only = OFF`.execute(service.database.db);
    assert.equal((await service.login()).status, 200);
  },
);

test('LE15 a missing table is 503 and Retry-After, never 401', async (t) => {
  const service = await startService(t);
  await service.register();
  await service.database.db.schema.alterTable('users').renameTo('gone').execute();
  await assertUnavailable(service);
});

test('LE15 a closed database is 503 and Retry-After, never 401', async (t) => {
  const service = await startService(t);
  await service.register();
  const { body: pair } = await service.login();
  await service.database.close();
  assert.equal((await service.verify(pair.access)).status, 200);
  assert.equal((await service.send('/healthz')).status, 200);
  assert.equal((await service.send('/readyz')).status, 503);
  await assertUnavailable(service);
  assert.equal((await service.refresh(pair.refresh)).status, 503);
  assert.equal((await service.me(pair.access)).status, 503);
});
