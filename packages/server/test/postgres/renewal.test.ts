/** The tests' own databases: each is as a new one, also where an earlier test has used it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newPostgresDatabase, queryAt, sharedPostgres, TEMPLATE } from '../support/databases.ts';
import { startService } from '../support/service.ts';

const CHANGES = [
  'drop table outbox',
  'create table strangers (id int)',
  'alter table users alter column password_hash set not null',
  'create index more on users (id)',
  'revoke all on users from current_user',
  'do $$ begin execute format($x$alter database %I set lock_timeout = 1$x$, current_database()); end $$',
];

test('a reused test database is empty and counts from 1', async (t) => {
  const urls = new Set<string>();
  for (let i = 0; i < 3; i++)
    await t.test(`time ${i + 1}`, async (t) => {
      const url = await newPostgresDatabase(t);
      urls.add(url);
      const service = await startService(t, { GATEPASS_DATABASE_URL: url });
      assert.equal((await service.register()).body.id, 1);
      assert.equal((await service.login()).status, 200);
      const events = await service.database.db.selectFrom('audit_events').select('id').execute();
      assert.equal(events[0]?.id, 1);
    });
  assert.equal(urls.size, 1, 'nothing was used again: the test shows nothing');
});

test('a reused test database has the rows that the template has', async (t) => {
  const rowsOf = (url: string) =>
    queryAt(url, 'select name, ran_at, id, throttle_key from gatepass_migration, installation');
  const urls: string[] = [];
  for (let i = 0; i < 2; i++)
    await t.test(`time ${i + 1}`, async (t) => {
      urls.push(await newPostgresDatabase(t));
      const rows = await rowsOf(urls[i] ?? '');
      assert.deepEqual(rows, await rowsOf((await sharedPostgres()).urlOf(TEMPLATE)));
      await queryAt(
        urls[i] ?? '',
        "delete from installation; delete from gatepass_migration where name like '02%'",
      );
    });
  assert.equal(urls[0], urls[1], 'nothing was used again: the test shows nothing');
});

for (const change of CHANGES)
  test(`none is used again after: ${change}`, async (t) => {
    let changed = '';
    await t.test('a change', async (t) => {
      changed = await newPostgresDatabase(t);
      await queryAt(changed, change);
    });
    assert.notEqual(await newPostgresDatabase(t), changed);
  });
