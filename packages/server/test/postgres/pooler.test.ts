/** PostgreSQL behind a pooler, in each of its modes: a real PgBouncer. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { openDatabase } from '../../src/database/open.ts';
import { runCommand } from '../support/command.ts';
import { newPostgresDatabase, queryAt, workDirectory } from '../support/databases.ts';
import { NEEDS_PGBOUNCER, startPgBouncer } from '../support/pgbouncer.ts';
import { type Service, startService } from '../support/service.ts';

async function comesTrue(what: string, isTrue: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 30_000; !(await isTrue()); await sleep(20))
    assert.ok(Date.now() < deadline, `not within 30 s: ${what}`);
}

const isReady = async (service: Service) => (await service.send('/readyz')).status === 200;
const listening = async (url: string) =>
  (
    await queryAt(
      url,
      "select from pg_stat_activity where datname = current_database() and query ilike 'listen %'",
    )
  ).length;

async function start(t: TestContext, url: string, more: Record<string, string> = {}) {
  return startService(t, {
    GATEPASS_DATABASE_URL: url,
    GATEPASS_ROTATE_REFRESH_TOKENS: 'true',
    GATEPASS_ACCEPT_SESSIONLESS_TOKENS: 'false',
    ...more,
  });
}

for (const mode of ['session', 'transaction'] as const) {
  test(
    `${mode} mode: two nodes migrate, serve, refresh and honour each other's logouts`,
    NEEDS_PGBOUNCER,
    async (t) => {
      const direct = await newPostgresDatabase(t, { isEmpty: true });
      const url = (await startPgBouncer(t, direct, mode))(direct);
      const [one, other] = [await start(t, url), await start(t, url)];
      assert.equal((await one.register()).status, 201);
      const logins = [
        await one.login(),
        await other.login(),
        await one.login(),
        await other.login(),
      ];
      const pairs = await Promise.all(
        logins.map(async ({ status, body: first }) => {
          assert.equal(status, 200);
          let pair = first;
          for (let round = 0; round < 8; round++) {
            const answer = await (round % 2 === 0 ? other : one).refresh(pair.refresh);
            assert.equal(answer.status, 200, answer.text);
            pair = answer.body;
          }
          return pair;
        }),
      );
      for (const service of [one, other]) await comesTrue('readiness', () => isReady(service));
      const { access, refresh } = pairs[0] ?? {};
      assert.equal((await one.post('/api/token/blacklist', { refresh })).status, 200);
      await comesTrue(
        'the other node refuses',
        async () => (await other.verify(access)).status === 401,
      );
      assert.equal((await other.me(pairs[1]?.access)).status, 200);
      assert.equal((await other.send('/readyz')).status, 200);

      // Nothing of ours stays with sessions that the pooler hands to other programs.
      assert.deepEqual(await queryAt(url, 'show statement_timeout'), [{ statement_timeout: '0' }]);
      assert.equal(await listening(direct), 0);
      // A later start has nothing to wait for.
      const later = openDatabase(url);
      t.after(() => later.close());
      assert.deepEqual(await later.migrate(), []);
      assert.deepEqual(await later.check(), []);
      assert.match((await later.warnings()).join('\n'), /a pooler stands between/);
    },
  );
}

test('LISTEN and migrations use the direct address if there is one', NEEDS_PGBOUNCER, async (t) => {
  const direct = await newPostgresDatabase(t, { isEmpty: true });
  const url = (await startPgBouncer(t, direct, 'transaction'))(direct);
  const variables = { GATEPASS_DATABASE_DIRECT_URL: direct };
  const [one, other] = [await start(t, url, variables), await start(t, url, variables)];
  await comesTrue('both listen', async () => (await listening(direct)) === 2);
  await one.register();
  const { body } = await one.login();
  assert.equal((await one.post('/api/token/blacklist', { refresh: body.refresh })).status, 200);
  await comesTrue('a logout', async () => (await other.verify(body.access)).status === 401);
  assert.ok(!(await one.database.warnings()).join().includes('pooler'));
});

test('statements that never end time out behind a pooler too', NEEDS_PGBOUNCER, async (t) => {
  const direct = await newPostgresDatabase(t);
  const url = (await startPgBouncer(t, direct, 'transaction'))(direct);
  const service = await start(t, url, { GATEPASS_DATABASE_POOL_SIZE: '2' });
  await service.register();
  const { default: pg } = await import('pg');
  const locker = new pg.Client({ connectionString: direct });
  await locker.connect();
  await locker.query('begin; lock table users in access exclusive mode');
  try {
    const { status } = await service.login();
    assert.equal(status, 503);
  } finally {
    await locker.query('rollback');
    await locker.end();
  }
  await comesTrue('it is back', async () => (await service.login()).status === 200);
});

test(
  'statement mode is refused in one line, by serve and by doctor',
  NEEDS_PGBOUNCER,
  async (t) => {
    const direct = await newPostgresDatabase(t, { isEmpty: true });
    const url = (await startPgBouncer(t, direct, 'statement'))(direct);
    const directory = await workDirectory(t);
    const env = { GATEPASS_DATABASE_URL: url };
    const migrated = await runCommand(directory, ['db', 'migrate'], '', env);
    assert.equal(migrated.code, 5);
    assert.match(
      migrated.stderr,
      /^The database cannot be used: a pooler in statement mode [^\n]+\n$/,
    );
    const doctor = await runCommand(directory, ['doctor'], '', env);
    assert.equal(doctor.code, 1);
    assert.match(doctor.stdout, /FAULT {4}database: .*statement mode/);
  },
);

test('options that a pooler refuses are reported in one line', NEEDS_PGBOUNCER, async (t) => {
  const direct = await newPostgresDatabase(t, { isEmpty: true });
  const url = (await startPgBouncer(t, direct, 'transaction'))(direct);
  const env = { GATEPASS_DATABASE_URL: `${url}?options=-c%20search_path%3Dx` };
  const result = await runCommand(await workDirectory(t), ['db', 'migrate'], '', env);
  assert.equal(result.code, 5);
  assert.match(result.stderr, /^The database cannot be used: a pooler .* refuses [^\n]+\n$/);
});
