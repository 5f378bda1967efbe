/** The background end of surplus sessions begins before the login that demands it has committed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import pg from 'pg';
import { openOf, seedSessions } from '../sessions/support/crowd.ts';
import { assertAlive, logIn, ROTATING } from '../sessions/support/holder.ts';
import { newPostgresDatabase } from '../support/databases.ts';
import { claimsOf, startService } from '../support/service.ts';
import { until } from '../support/until.ts';

/** A commit of a new session waits for this advisory lock. */
const SLOW_COMMITS = `
  create function wait() returns trigger language plpgsql as
    'begin perform pg_advisory_xact_lock(1, 1); return null; end';
  create constraint trigger slow after insert on sessions deferrable initially deferred
    for each row execute function wait()`;
const WAITING = `select from pg_stat_activity
  where datname = current_database() and wait_event_type = 'Lock'`;

test('AB02 the end of the surplus counts the session of the login that demands it', async (t) => {
  const url = await newPostgresDatabase(t);
  const service = await startService(t, { ...ROTATING, GATEPASS_DATABASE_URL: url });
  const { access } = await logIn(service);
  const userId = Number(claimsOf(access)['user_id']);
  await seedSessions(service.database, userId, 400, (i) => service.clock.now() - i);
  const holder = new pg.Client({ connectionString: url });
  await holder.connect();
  t.after(() => holder.end());
  await holder.query(`${SLOW_COMMITS}; select pg_advisory_lock(1, 1)`);
  const login = service.login();
  await until('the login and the end of the surplus wait, or that has ended some', async () => {
    const { rowCount } = await holder.query(WAITING);
    return rowCount === 2 || (await openOf(service.database, userId)) < 401;
  });
  assert.equal(await openOf(service.database, userId), 401);
  await holder.query('select pg_advisory_unlock(1, 1)');
  const { body } = await login;
  await until('100 are left', async () => (await openOf(service.database, userId)) === 100);
  await assertAlive(service, body);
});
