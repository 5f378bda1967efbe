/** Prepared statements take their parameters by name, in whatever order the query names them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openDatabase } from '../../src/database/open.ts';
import { named } from '../../src/database/statement.ts';
import { newDatabase } from '../support/databases.ts';

test('each value takes the place of its name, constants stay, and missing values are null', async (t) => {
  const database = openDatabase(await newDatabase(t));
  t.after(() => database.close());
  await database.migrate();
  const { db, prepare, transaction } = database;
  type Count = { bucket: number; hits: number; since: number; expiresAt: number };
  const insert = named(prepare, (p: Count) =>
    db
      .insertInto('throttle_counts')
      .values({ expires_at: p.expiresAt, since: p.since, bucket: p.bucket, hits: p.hits })
      .returning(['bucket', 'hits', 'since', 'expires_at']),
  );
  const stored = await transaction((tx) =>
    insert.within(tx, { bucket: 1, hits: 2, since: 3, expiresAt: 4 }),
  );
  assert.deepEqual({ ...stored }, { bucket: 1, hits: 2, since: 3, expires_at: 4 });

  // One name twice, beside a constant.
  const find = named(prepare, (p: { from: number; bucket: number }) =>
    db
      .selectFrom('throttle_counts')
      .select('hits')
      .where('hits', '>=', p.from)
      .where('since', '>=', p.from)
      .where('expires_at', '=', 4)
      .where('bucket', '=', p.bucket),
  );
  assert.equal((await find.read({ bucket: 1, from: 2 }))?.hits, 2);
  assert.equal(await find.read({ bucket: 1, from: 3 }), undefined);
  assert.equal(await transaction((tx) => find.within(tx, { bucket: 2, from: 0 })), undefined);

  const audit = named(prepare, (p: { at: number; userId: number | undefined }) =>
    db
      .insertInto('audit_events')
      .values({
        ...{ at: p.at, event: 'login.ok', user_id: p.userId ?? null, session_id: null },
        ...{ actor: 'self', address: '', user_agent: '', request_id: '', details: '{}' },
      })
      .returning('user_id'),
  );
  const row = await transaction((tx) => audit.within(tx, { at: 1, userId: undefined }));
  assert.equal(row?.user_id, null);
});
