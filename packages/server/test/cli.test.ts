/** The command line: its semantics in this process, one process per exit code, pipe and umask. */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { runCommand, runGatepass } from './support/command.ts';
import { databaseOf, workDirectory } from './support/databases.ts';
import { BIN } from './support/process.ts';

const PASSWORD = 'correct horse 9 battery';

async function workplace(t: TestContext, options?: { isEmpty: boolean }) {
  const directory = await workDirectory(t);
  await databaseOf(directory, options);
  return (args: string[], stdin = '', env: Record<string, string> = {}) =>
    runCommand(directory, args, stdin, env);
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

test('a failure has its exit code and one sentence', async (t) => {
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
      says: /Name one session, or use --all/,
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

test('the help of every command has an example', async (t) => {
  const gatepass = await workplace(t);
  const commands: string[][] = [[]];
  for (const command of commands) {
    const { code, stdout } = await gatepass([...command, '--help']);
    assert.equal(code, 0);
    const example = `(?:GATEPASS_.* |printf .* )?gatepass ${command.join(' ')}`;
    assert.match(
      stdout,
      new RegExp(`Examples?:\\n(?: +\\$ .*\\n)* +\\$ ${example}`),
      command.join(' '),
    );
    const [, inside = ''] = stdout.split('\nCommands:\n');
    for (const [, name = ''] of inside.matchAll(/^ {2}([a-z][a-z-]*)/gm))
      if (name !== 'help') commands.push([...command, name]);
  }
  assert.ok(commands.length > 35, String(commands.length));
  for (const spelling of ['--version', 'version'])
    assert.match((await gatepass([spelling])).stdout, /^\d+\.\d+\.\d+\n$/);
});

test('db migrate runs once, and db check and doctor find nothing in a sound database', async (t) => {
  const gatepass = await workplace(t, { isEmpty: true });
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

test('doctor reports every fault and changes nothing', async (t) => {
  const gatepass = await workplace(t, { isEmpty: true });
  const { code, stdout } = await gatepass(['doctor'], '', {
    GATEPASS_PORT: '99999',
    GATEPASS_ACESS_TOKEN_LIFETIME: '5m',
  });
  assert.equal(code, 1);
  assert.match(stdout, /FAULT {4}configuration: GATEPASS_PORT must be/);
  assert.match(
    stdout,
    /warning {2}configuration: GATEPASS_ACESS_TOKEN_LIFETIME: unknown variable, ignored; did you mean GATEPASS_ACCESS_TOKEN_LIFETIME\?/,
  );
  const sound = await gatepass(['doctor']);
  assert.match(sound.stdout, /"serve" will (?:create|fill) it/);
});

test('a process exits with the code of its command and talks through its pipes', async (t) => {
  const directory = await workDirectory(t);
  const missing = { GATEPASS_DATABASE_URL: 'sqlite:no.db' };
  const invalid = { GATEPASS_PORT: 'x' };
  const created = await runGatepass(directory, ['user', 'create', 'a@example.com'], PASSWORD);
  assert.deepEqual(created, { code: 0, stdout: 'Created user 1, a@example.com.\n', stderr: '' });
  const cases = [
    { args: ['user', 'list'], code: 0, stdout: /a@example\.com\n$/, stderr: /^$/ },
    { args: ['session', 'list', 'a@example.com'], code: 0, stdout: /^$/, stderr: /^$/ },
    { args: ['audit', 'list'], code: 0, stdout: /user\.register .*operator\n$/, stderr: /^$/ },
    { args: ['db', 'check'], code: 0, stdout: /is sound\.\n$/, stderr: /^$/ },
    { args: ['doctor'], env: invalid, code: 1, stdout: /FAULT/, stderr: /^1 fault/ },
    { args: ['serve'], env: invalid, code: 2, stdout: /^$/, stderr: /GATEPASS_PORT must be/ },
    { args: ['key', 'retire', 'x'], code: 3, stdout: /^$/, stderr: /gatepass key list/ },
    { args: ['import', 'csv', 'none.csv'], code: 1, stdout: /^$/, stderr: /none\.csv: ENOENT/ },
    { args: ['db', 'check'], env: missing, code: 5, stdout: /^$/, stderr: /no database/ },
  ];
  for (const { args, env, ...expected } of cases) {
    const { code, stdout, stderr } = await runGatepass(directory, args, '', env);
    assert.equal(code, expected.code, `${args.join(' ')}: ${stderr}`);
    assert.match(stdout, expected.stdout);
    assert.match(stderr, expected.stderr);
  }
});

test('a command ends quietly when its reader closes the pipe', async (t) => {
  const directory = await workDirectory(t);
  const child = spawn(process.execPath, [BIN, 'user', '--help'], { cwd: directory });
  // Nothing reads any more before the first byte is written.
  child.stdout.destroy();
  const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  assert.deepEqual([code, stderr], [0, '']);
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
