/** `gatepass events follow`: an operator's look at events. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { PassThrough, Writable } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { createAuditStore } from '../../src/audit/store.ts';
import { follow } from '../../src/cli/events.ts';
import { DatabaseUnavailableError } from '../../src/database/faults.ts';
import { openDatabase } from '../../src/database/open.ts';
import type { Event } from '../../src/events/event.ts';
import type { Events } from '../../src/events/events.ts';
import { runCommand } from '../support/command.ts';
import { databaseOf, workDirectory } from '../support/databases.ts';
import { BIN, environmentOf } from '../support/process.ts';
import { PASSWORD } from '../support/service.ts';
import { until } from '../support/until.ts';

const EVENT: Event = {
  seq: 1,
  type: 'user.created',
  at: '2026-01-31T12:00:00.000Z',
  user_id: 1,
  session_id: null,
  actor: 'self',
  reason: null,
};

async function start(t: TestContext, directory: string, ...args: string[]) {
  const env = await environmentOf(directory, {});
  const child = spawn(process.execPath, [BIN, 'events', 'follow', ...args], {
    cwd: directory,
    env,
  });
  t.after(() => child.kill('SIGKILL'));
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].on('data', (data: Buffer) => {
      output[name] += data;
    });
  const ended = once(child, 'exit').then(([code]) => code);
  return { child, output, ended, lines: () => output.stdout.split('\n').filter(Boolean) };
}

test('events follow prints events after a number until Ctrl+C', async (t) => {
  const directory = await workDirectory(t);
  const gatepass = (args: string[], stdin = '') => runCommand(directory, args, stdin);
  await gatepass(['user', 'create', 'bob@example.com'], PASSWORD);
  await gatepass(['user', 'create', 'eve@example.com'], PASSWORD);
  const all = await start(t, directory, '--after', '0', '--json');
  const some = await start(t, directory, '--after', '1', '--types', 'user.disabled,user.created');
  await until('what was there', () => all.lines().length === 2 && some.lines().length === 1);
  await gatepass(['user', 'disable', 'eve@example.com']);
  await gatepass(['user', 'enable', 'eve@example.com']);
  await until('what happens', () => all.lines().length === 4 && some.lines().length === 2);
  const events = all.lines().map((line) => JSON.parse(line));
  assert.deepEqual(
    events.map(({ type, user_id, actor }) => [type, user_id, actor]),
    [
      ['user.created', 1, 'operator'],
      ['user.created', 2, 'operator'],
      ['user.disabled', 2, 'operator'],
      ['user.enabled', 2, 'operator'],
    ],
  );
  assert.match(some.lines()[1] ?? '', /^ +3 {2}\S+Z {2}user\.disabled +user 2 {2}operator$/);
  all.child.kill('SIGINT');
  some.child.kill('SIGTERM');
  assert.deepEqual(await Promise.all([all.ended, some.ended]), [130, 143]);
  assert.equal(all.output.stderr, 'Interrupted.\n');
});

test('events follow waits during an outage of the database and reports it in one line', async () => {
  const asked: number[] = [];
  const outages = [2, 3, 4];
  const interrupt = new AbortController();
  const said: string[] = [];
  const printed: unknown[] = [];
  const page: Events['page'] = async ({ after }) => {
    asked.push(after);
    if (outages.includes(asked.length)) throw new DatabaseUnavailableError('away');
    if (asked.length > 5) interrupt.abort();
    const events = [{ ...EVENT, seq: after + 1 }];
    return { state: 'read', events, next: after + 1, newest: after + 1 };
  };
  const context = {
    stdout: new PassThrough(),
    stderr: new Writable({
      write(text, _, done) {
        said.push(String(text));
        done();
      },
    }),
    interrupt: interrupt.signal,
    print: (value: unknown) => printed.push(value),
  };
  const following = follow(context, { page, newest: async () => 7 }, { json: true }, 1);
  await assert.rejects(following, { name: 'AbortError' });
  assert.deepEqual(asked, [7, 8, 8, 8, 8, 9]);
  assert.equal(said.length, 1);
  assert.equal(printed.length, 3);
});

test('events follow exits with 130 at Ctrl+C, 2 for a wrong number or type, 1 if events are gone', async (t) => {
  const directory = await workDirectory(t);
  const run = (args: string[], interrupt?: AbortSignal, onOutput?: () => void) =>
    runCommand(directory, ['events', 'follow', ...args], '', {}, interrupt, onOutput);
  await runCommand(directory, ['user', 'create', 'bob@example.com'], PASSWORD);
  const controller = new AbortController();
  const { code, stdout, stderr } = await run(['--after', '0'], controller.signal, () =>
    controller.abort(),
  );
  assert.deepEqual([code, stderr], [130, 'Interrupted.\n']);
  assert.match(stdout, /user\.created/);
  for (const wrong of [
    ['--after', '-1'],
    ['--after', 'x'],
    ['--types', 'user.gone'],
  ])
    assert.equal((await run(wrong)).code, 2, wrong.join());
  const database = openDatabase(await databaseOf(directory));
  t.after(() => database.close());
  const store = createAuditStore(database);
  await database.transaction(async (tx) => {
    await store.insert(tx, 0, { event: 'user.disable', userId: 1, by: {} });
    await store.purge(tx, Date.now() + 60_000, 500);
  });
  const gone = await run(['--after', '1']);
  assert.equal(gone.code, 1);
  assert.match(gone.stderr, /no longer kept; the oldest is 3\. Begin with --after 2/);
  const help = await run(['--help']);
  assert.match(help.stdout, /Examples:/);
});
