/** The command line, as a person or a script runs it: real processes, a database of their own. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { runGatepass } from './support/command.ts';
import { workDirectory } from './support/databases.ts';
import { BIN } from './support/process.ts';

const PASSWORD = 'correct horse 9 battery';

async function workplace(t: TestContext) {
  const directory = await workDirectory(t);
  return (args: string[], stdin = '', env: Record<string, string> = {}) =>
    runGatepass(directory, args, stdin, env);
}

test('an account is created, listed, shown, disabled, enabled and deleted', async (t) => {
  const gatepass = await workplace(t);
  const created = await gatepass(['user', 'create', 'Bob@Example.com', '--json'], PASSWORD);
  assert.equal(created.code, 0, created.stderr);
  assert.equal(JSON.parse(created.stdout).email, 'Bob@Example.com');

  const disabled = await gatepass(['user', 'disable', 'bob@example.com']);
  assert.equal(disabled.stdout, 'Disabled Bob@Example.com.\n');
  const shown = JSON.parse((await gatepass(['user', 'show', 'bob@example.com', '--json'])).stdout);
  assert.deepEqual(
    { ...shown, created_at: typeof shown.created_at },
    {
      id: 1,
      email: 'Bob@Example.com',
      is_active: false,
      created_at: 'string',
      last_login_at: null,
    },
  );
  assert.equal((await gatepass(['user', 'enable', 'bob@example.com'])).code, 0);
  const listed = await gatepass(['user', 'list', '--json']);
  assert.deepEqual(
    listed.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).is_active),
    [true],
  );
  assert.equal((await gatepass(['user', 'delete', 'bob@example.com'])).code, 0);
  assert.equal((await gatepass(['user', 'list'])).stdout, '');
});

test('the exit code and one sentence tell what went wrong', async (t) => {
  const gatepass = await workplace(t);
  await gatepass(['user', 'create', 'bob@example.com'], PASSWORD);
  const cases = [
    { args: ['nonsense'], code: 2, says: /unknown command 'nonsense'/ },
    { args: ['user', 'create'], code: 2, says: /missing required argument 'email'/ },
    { args: ['user', 'create', 'a@example.com'], code: 2, says: /No password was given/ },
    { args: ['user', 'show', 'nobody@example.com'], code: 3, says: /gatepass user list/ },
    {
      args: ['user', 'create', 'bob@example.com'],
      stdin: PASSWORD,
      code: 4,
      says: /already exists/,
    },
    { args: ['user', 'create', 'c@example.com'], stdin: 'short', code: 4, says: /too short/ },
    { args: ['user', 'create', 'not an address'], stdin: PASSWORD, code: 4, says: /valid email/ },
    {
      args: ['user', 'list'],
      env: { GATEPASS_DATABASE_URL: 'sqlite:/proc/none/x.db' },
      code: 5,
      says: /GATEPASS_DATABASE_URL/,
    },
    {
      args: ['db', 'check'],
      env: { GATEPASS_DATABASE_URL: 'sqlite:no.db' },
      code: 5,
      says: /no database/,
    },
    { args: ['session', 'end', 'bob@example.com', 'x'], code: 3, says: /gatepass session list/ },
    {
      args: ['session', 'end', 'bob@example.com'],
      code: 2,
      says: /Name one session, or say --all/,
    },
    {
      args: ['serve'],
      env: { GATEPASS_PORT: 'x', GATEPASS_SECRET: 'hunter2', GATEPASS_LOG_LEVEL: 'loud' },
      code: 2,
      says: /GATEPASS_PORT must be .*\n.*GATEPASS_SECRET is shorter .*\n.*GATEPASS_LOG_LEVEL must be /,
    },
  ];
  for (const { args, stdin, env, code, says } of cases) {
    const result = await gatepass(args, stdin, env);
    assert.equal(result.code, code, `${args.join(' ')}: ${result.stderr}`);
    assert.match(result.stderr, says);
    assert.doesNotMatch(result.stderr, /hunter2|\n\s+at /);
  }
});

test('every command explains itself with an example', async (t) => {
  const gatepass = await workplace(t);
  for (const command of [[], ['serve'], ['user'], ['session'], ['db'], ['doctor']]) {
    const { code, stdout } = await gatepass([...command, '--help']);
    assert.equal(code, 0);
    assert.match(stdout, /Examples?:\n\s+\$ (GATEPASS_|gatepass |printf )/);
  }
  assert.match((await gatepass(['--version'])).stdout, /^\d+\.\d+\.\d+\n$/);
});

test('db migrate runs once, db check finds a sound database, doctor is content', async (t) => {
  const gatepass = await workplace(t);
  const ran = JSON.parse((await gatepass(['db', 'migrate', '--json'])).stdout).ran;
  assert.ok(ran.length > 0);
  assert.deepEqual(JSON.parse((await gatepass(['db', 'migrate', '--json'])).stdout).ran, []);
  assert.match((await gatepass(['db', 'check'])).stdout, /is sound/);
  const doctor = await gatepass(['doctor', '--json']);
  assert.equal(doctor.code, 0);
  const findings: { level: string; message: string }[] = JSON.parse(doctor.stdout);
  // The tests' own PostgreSQL spares the disk, and doctor says so.
  const complaints = findings.filter(
    ({ level, message }) => level !== 'ok' && !/fsync=off|full_page_writes=off/.test(message),
  );
  assert.deepEqual(complaints, []);
});

test('doctor names every fault and changes nothing', async (t) => {
  const gatepass = await workplace(t);
  const { code, stdout } = await gatepass(['doctor'], '', {
    GATEPASS_PORT: '99999',
    GATEPASS_ACESS_TOKEN_LIFETIME: '5m',
  });
  assert.equal(code, 1);
  assert.match(stdout, /FAULT {4}configuration: GATEPASS_PORT must be/);
  assert.match(stdout, /warning {2}configuration: GATEPASS_ACESS_TOKEN_LIFETIME is no setting/);
  const sound = await gatepass(['doctor']);
  assert.match(sound.stdout, /"serve" will (?:create|fill) it/);
});

test('the database is private to its owner, whatever the umask', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'gatepass-cli-'));
  t.after(() => rm(directory, { recursive: true }));
  await new Promise((resolve) => {
    execFile(
      'sh',
      ['-c', `umask 000; "${process.execPath}" "${BIN}" db migrate`],
      { cwd: directory },
      resolve,
    );
  });
  assert.equal((await stat(join(directory, 'data'))).mode & 0o777, 0o700);
  assert.equal((await stat(join(directory, 'data/gatepass.db'))).mode & 0o777, 0o600);
});
