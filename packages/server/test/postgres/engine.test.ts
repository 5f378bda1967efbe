/** PostgreSQL alone: credentials, upgrades that are interrupted (ST16), what a stranger's text may be. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { describeUrl } from '../../src/config/database-url.ts';
import { openDatabase } from '../../src/database/open.ts';
import { runCommand } from '../support/command.ts';
import { newPostgresDatabase, workDirectory } from '../support/databases.ts';
import { BIN } from '../support/process.ts';
import { startService } from '../support/service.ts';

const CANARY = 'canary-otter-41';

test('the password of the URL is in no message, whatever is wrong with the server or the URL', async (t) => {
  const directory = await workDirectory(t);
  const urls = {
    [`postgres://u:${CANARY}@127.0.0.1:1/x`]: 5,
    [`postgres://u:${CANARY}@127.0.0.1:1/x?sslmode=prefer`]: 2,
    [`postgres://u:${CANARY}@127.0.0.1:port/x`]: 2,
    [`postgres://u:${CANARY}%@127.0.0.1/x`]: 2,
    [`postgres://u:${CANARY}@127.0.0.1/`]: 2,
    [`mysql://u:${CANARY}@127.0.0.1/x`]: 2,
  };
  for (const [url, code] of Object.entries(urls)) {
    const env = { GATEPASS_DATABASE_URL: url };
    for (const args of [['serve'], ['user', 'list'], ['db', 'check']]) {
      const result = await runCommand(directory, args, '', env);
      assert.equal(result.code, code, `${url}: ${result.stderr}`);
      assert.ok(!`${result.stdout}${result.stderr}`.includes(CANARY), result.stderr);
      assert.doesNotMatch(result.stderr, /\n\s+at /, 'no stack');
    }
    assert.ok(!describeUrl(url).includes(CANARY));
  }
});

test('ST16 kill -9 in the middle of a migration leaves nothing of it, and the next start completes', async (t) => {
  const url = await newPostgresDatabase(t, { isEmpty: true });
  const blocker = new pg.Client({ connectionString: url });
  blocker.on('error', () => {});
  await blocker.connect();
  t.after(() => blocker.end().catch(() => {}));
  // The second migration creates this table, and waits for the session that is creating it.
  await blocker.query('begin; create table sessions (id text)');
  const directory = await workDirectory(t);
  const env = { ...process.env, GATEPASS_DATABASE_URL: url };
  const migrating = spawn(process.execPath, [BIN, 'db', 'migrate'], { cwd: directory, env });
  const observer = new pg.Client({ connectionString: url });
  observer.on('error', () => {});
  await observer.connect();
  t.after(() => observer.end().catch(() => {}));
  const waiting = async () =>
    (
      await observer.query(
        `select from pg_stat_activity where datname = current_database()
          and wait_event_type = 'Lock' and query ilike 'create table%'`,
      )
    ).rowCount;
  while ((await waiting()) === 0) await sleep(50);
  migrating.kill('SIGKILL');
  await once(migrating, 'exit');
  await blocker.query('rollback');
  const database = openDatabase(url);
  t.after(() => database.close());
  // The server notices a client that is gone when its statement ends.
  const ran = await database.migrate();
  assert.ok(ran.includes('001-users-and-keys') && ran.includes('002-sessions'), ran.join());
  assert.deepEqual(await database.pending(), []);
  assert.deepEqual(await database.check(), []);
});

test('ST15 of eight processes that migrate an empty database at once one migrates, and all can use it', async (t) => {
  const url = await newPostgresDatabase(t, { isEmpty: true });
  const databases = Array.from({ length: 8 }, () => openDatabase(url));
  t.after(() => Promise.all(databases.map((database) => database.close())));
  const ran = await Promise.all(databases.map((database) => database.migrate()));
  assert.equal(ran.filter((names) => names.length > 0).length, 1);
});

test('ST10 an acknowledged write is on disk: synchronous_commit is on even if the server’s default is off', async (t) => {
  const url = await newPostgresDatabase(t);
  const database = openDatabase(url);
  t.after(() => database.close());
  const { sql } = await import('kysely');
  const { rows } = await sql<{ value: string }>`
    select current_setting('synchronous_commit') as value`.execute(database.db);
  // The tests' server has it off.
  assert.deepEqual(rows, [{ value: 'on' }]);
});

test('db check finds duplicate addresses and numbers that would be assigned again', async (t) => {
  const url = await newPostgresDatabase(t);
  const service = await startService(t, { GATEPASS_DATABASE_URL: url });
  await service.register();
  const { db, check } = service.database;
  const { sql } = await import('kysely');
  assert.deepEqual(await check(), []);
  await sql`alter table users drop constraint users_email_canonical_key`.execute(db);
  await sql`select setval(pg_get_serial_sequence('users', 'id'), 1, false)`.execute(db);
  await sql`update users set id = 9`.execute(db);
  const findings = await check();
  assert.match(findings.join('\n'), /email_canonical is not unique/);
  assert.match(findings.join('\n'), /users: number 9 is taken/);
});

test('a client value with NUL is not found instead of failing', async (t) => {
  const service = await startService(t, { GATEPASS_DATABASE_URL: await newPostgresDatabase(t) });
  await service.register();
  const { body } = await service.login();
  const ended = await service.send('/api/sessions/a%00b', {
    method: 'DELETE',
    headers: { authorization: `Bearer ${body.access}` },
  });
  assert.equal(ended.status, 404, ended.text);
});
