/** A PostgreSQL that refuses at the start: each ends within seconds, with one line and exit code 5. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { openDatabase } from '../../src/database/open.ts';
import { createListener } from '../../src/database/postgres/listener.ts';
import { runCommand, runGatepass } from '../support/command.ts';
import { workDirectory } from '../support/databases.ts';
import { type Postgres, startPostgres } from '../support/postgres.ts';

let postgres: Postgres;
before(async () => {
  postgres = await startPostgres({ settings: ['authentication_timeout=600'] });
  await postgres.query("create role asked login password 'granite-otter'");
  await postgres.query("set password_encryption = 'md5'; create role olden login password 'x'");
  await postgres.query('create role guest login');
  await writeFile(
    join(postgres.directory, 'data/pg_hba.conf'),
    ['asked scram-sha-256', 'olden md5', 'all trust']
      .map((line) => `host all ${line.replace(' ', ' 127.0.0.1/32 ')}\n`)
      .join(''),
  );
  await postgres.query('select pg_reload_conf()');
});
after(() => postgres.close());

const urlOf = (role: string, database = 'postgres') =>
  postgres.urlOf(database).replace('//postgres@', `//${role}@`);
const COMMANDS = [['db', 'migrate'], ['db', 'check'], ['user', 'list'], ['doctor']];

test('a missing password is reported at once, and the process ends', async (t) => {
  const directory = await workDirectory(t);
  const env = { GATEPASS_DATABASE_URL: urlOf('asked'), PGPASSWORD: '' };
  for (const args of COMMANDS) {
    const { code, stdout, stderr } = await runCommand(directory, args, '', env);
    assert.equal(code, args[0] === 'doctor' ? 1 : 5, `${args}: ${stderr}`);
    assert.match(
      stdout + stderr,
      /PostgreSQL asks for a password; the URL has none and PGPASSWORD is not set/,
    );
    assert.doesNotMatch(stdout + stderr, /SASL|\n\s+at /);
  }
  // A process: none of its sockets may keep it alive until the server gives up, ten minutes later,
  // when it would have been killed.
  const served = await runGatepass(directory, ['serve'], '', { ...env, GATEPASS_PORT: '0' });
  assert.equal(served.code, 5);
  assert.match(
    served.stderr,
    /^The database cannot be used: PostgreSQL asks for a password[^\n]+\n$/,
  );
});

test('a right password works and a wrong one is reported, by SCRAM and by MD5', async (t) => {
  const directory = await workDirectory(t);
  for (const role of ['asked:wrong', 'olden:wrong', 'olden']) {
    const env = { GATEPASS_DATABASE_URL: urlOf(role), PGPASSWORD: '' };
    const { code, stderr } = await runCommand(directory, ['db', 'migrate'], '', env);
    assert.equal(code, 5);
    assert.match(stderr, /^The database cannot be used: password authentication failed/);
  }
  const right = openDatabase(urlOf('asked:granite-otter'));
  t.after(() => right.close());
  assert.equal(typeof (await right.lastIds()), 'object');
});

test('F5 a schema where the role may create nothing: doctor and serve name the missing privilege', async (t) => {
  await postgres.query('create database foreign_schema');
  const directory = await workDirectory(t);
  const env = { GATEPASS_DATABASE_URL: urlOf('guest', 'foreign_schema') };
  const line =
    /guest may create no tables in the schema public of PostgreSQL .*: grant create on schema public to guest/;
  const doctor = await runCommand(directory, ['doctor'], '', env);
  assert.equal(doctor.code, 1);
  assert.match(doctor.stdout, line);
  const migrated = await runCommand(directory, ['db', 'migrate'], '', env);
  assert.equal(migrated.code, 5);
  assert.match(migrated.stderr, line);
  const nowhere = {
    GATEPASS_DATABASE_URL: `${urlOf('guest', 'foreign_schema')}?options=-c%20search_path%3Dnone`,
  };
  assert.match(
    (await runCommand(directory, ['doctor'], '', nowhere)).stdout,
    /names no schema that exists/,
  );
});

test('a schema of our own beside another program: search_path in the URL', async (t) => {
  await postgres.query('create database shared');
  await postgres.query(
    'create table users (id int); create schema auth authorization guest',
    'shared',
  );
  const database = openDatabase(
    `${urlOf('guest', 'shared')}?options=-c%20search_path%3Dauth&application_name=login&connect_timeout=5`,
  );
  t.after(() => database.close());
  await database.migrate();
  assert.deepEqual(await database.check(), []);
  await database.lastIds();
  const [row] = await postgres.query(
    "select count(*)::int as count, (select count(*)::int from pg_stat_activity where application_name = 'login') as named from pg_tables where schemaname = 'auth' and tablename in ('users', 'gatepass_migration')",
    'shared',
  );
  assert.equal(row.count, 2);
  assert.ok(row.named > 0);
});

test('a migration blocked by another session fails after ten seconds with the reason', async (t) => {
  await postgres.query('create database waiting');
  const blocker = new pg.Client({ connectionString: postgres.urlOf('waiting') });
  await blocker.connect();
  t.after(() => blocker.end());
  await blocker.query('begin; select pg_advisory_xact_lock(1196578675, 1)');
  const database = openDatabase(postgres.urlOf('waiting'));
  t.after(() => database.close());
  await assert.rejects(database.migrate(), /another process brings the schema up to date/);
  await blocker.query('rollback');
  assert.ok((await database.migrate()).length > 0);
  // With nothing to do, it waits for no lock.
  await blocker.query('begin; select pg_advisory_xact_lock(1196578675, 1)');
  assert.deepEqual(await database.migrate(), []);
});

test('a server that refuses LISTEN is reported once, keeps no connection and is retried rarely', async () => {
  const made: { ended: boolean }[] = [];
  const reports: string[] = [];
  const refusal = Object.assign(new Error('cannot execute LISTEN during recovery'), {
    severity: 'ERROR',
    code: '25006',
  });
  const connect = async () => {
    const client = { ended: false };
    made.push(client);
    return {
      on() {},
      once() {},
      query: async () => Promise.reject(refusal),
      connection: { stream: { destroy() {} } },
      async end() {
        client.ended = true;
      },
    } as never;
  };
  const listener = createListener(connect, (_level, message) => reports.push(message));
  listener.subscribe('revocations', () => {});
  await sleep(2500);
  await listener.close();
  assert.deepEqual(made, [{ ended: true }]);
  assert.equal(reports.length, 1);
  assert.match(reports[0] ?? '', /refuses to notify \(cannot execute LISTEN during recovery\)/);
});
