/** A signal ends a command with its exit code and one line, at a prompt and in the middle of work. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { runCommand } from './support/command.ts';
import { workDirectory } from './support/databases.ts';
import { BIN, environmentOf } from './support/process.ts';
import { PASSWORD } from './support/service.ts';

const hasTerminal = spawnSync('script', ['--version']).status === 0;

type Started = { says(pattern: RegExp): Promise<void>; readonly output: () => string };

async function start(t: TestContext, directory: string, command: string[]) {
  const [program = '', ...args] = command;
  const env = await environmentOf(directory, {});
  const child = spawn(program, args, { cwd: directory, env });
  t.after(() => child.kill('SIGKILL'));
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (data: Buffer) => {
      output += data;
    });
  const says: Started['says'] = async (pattern) => {
    for (const deadline = Date.now() + 60_000; !pattern.test(output); ) {
      assert.ok(Date.now() < deadline, `${pattern} in ${output}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  const ended = once(child, 'exit').then(([code]) => code);
  return { child, says, ended, output: () => output };
}

test('Ctrl+C at the password prompt prints one line, exits with 130 and restores the terminal', {
  skip: !hasTerminal,
}, async (t) => {
  const directory = await workDirectory(t);
  // The shell goes on after the command, and says how it ended and whether typing is shown again.
  const command = `"${process.execPath}" "${BIN}" user create a@example.com; echo "code $?"; stty -a`;
  const shell = await start(t, directory, ['script', '-qefc', command, '/dev/null']);
  await shell.says(/Password: /);
  shell.child.stdin.write('hidden\u0003');
  await shell.says(/ echo /);
  const lines = shell.output().split(/\r?\n/);
  assert.deepEqual(lines.slice(0, 3), ['Password: ', 'Interrupted.', 'code 130']);
  assert.match(shell.output(), / icanon /);
});

test('Ctrl+D at the password prompt fails because no password was given', {
  skip: !hasTerminal,
}, async (t) => {
  const directory = await workDirectory(t);
  const command = `"${process.execPath}" "${BIN}" user create a@example.com; echo "code $?"`;
  const shell = await start(t, directory, ['script', '-qefc', command, '/dev/null']);
  await shell.says(/Password: /);
  shell.child.stdin.write('\u0004');
  await shell.says(/No password was given\.\r\ncode 2\r\n/);
});

test('audit list --follow prints new events, the oldest first, until SIGTERM, and exits with 143', async (t) => {
  const directory = await workDirectory(t);
  const gatepass = (args: string[], stdin = '') => runCommand(directory, args, stdin);
  await gatepass(['user', 'create', 'a@example.com'], PASSWORD);
  await gatepass(['user', 'disable', '1']);
  const tail = await start(t, directory, [process.execPath, BIN, 'audit', 'list', '--follow']);
  await tail.says(/user\.register .*\n.*user\.disable .*\n/);
  await gatepass(['user', 'enable', '1']);
  await tail.says(/user\.enable .*\n/);
  await gatepass(['user', 'unlock', '1']);
  await tail.says(/user\.unlock .*\n/);
  tail.child.kill('SIGTERM');
  assert.equal(await tail.ended, 143);
  const lines = tail.output().trimEnd().split('\n');
  assert.deepEqual(
    lines.map((line) => /(?:user|session)\.\w+|^Interrupted\.$/.exec(line)?.[0]),
    ['user.register', 'user.disable', 'user.enable', 'user.unlock', 'Interrupted.'],
  );
});

test('interrupted work leaves nothing half done', async (t) => {
  const directory = await workDirectory(t);
  const interrupt = AbortSignal.abort();
  const gatepass = (args: string[], signal?: AbortSignal) =>
    runCommand(directory, args, PASSWORD, {}, signal);
  await gatepass(['user', 'create', 'a@example.com']);
  const rows = ['x', 'y'].map((name) => `${name}@example.com,!`);
  await writeFile(join(directory, 'users.csv'), ['email,password_hash', ...rows, ''].join('\n'));
  await gatepass(['db', 'backup', 'before.db']);
  const files = await readdir(directory);
  for (const args of [
    ['user', 'list'],
    ['import', 'csv', 'users.csv'],
    ['export', 'django', 'after.jsonl'],
    ['db', 'backup', 'after.db'],
    ['db', 'verify', 'before.db'],
    ['db', 'restore', 'before.db', '--yes'],
  ]) {
    const result = await gatepass(args, interrupt);
    assert.deepEqual(result, { code: 130, stdout: '', stderr: 'Interrupted.\n' }, args.join(' '));
  }
  assert.deepEqual(await readdir(directory), files);
  const { stdout } = await gatepass(['user', 'list', '--json']);
  assert.equal(stdout.trim().split('\n').length, 1);
});
