/** The audit log as an operator reads it, and as the documentation describes it. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import * as markdown from '../../../test/support/markdown.ts';
import { EVENTS } from '../src/audit/event.ts';
import { createAuditStore } from '../src/audit/store.ts';
import { momentOf } from '../src/cli/moment.ts';
import { readConfig } from '../src/config/config.ts';
import { openDatabase } from '../src/database/open.ts';
import { runCommand } from './support/command.ts';
import { newSharedDatabase, workDirectory } from './support/databases.ts';
import { PASSWORD } from './support/service.ts';

const DAY = 86_400_000;

test('gatepass audit list filters by account, event and time, and includes actions of operators', async (t) => {
  const directory = await workDirectory(t);
  const gatepass = (args: string[], stdin = '') => runCommand(directory, args, stdin);
  await gatepass(['user', 'create', 'bob@example.com'], PASSWORD);
  await gatepass(['user', 'create', 'eve@example.com'], PASSWORD);
  await gatepass(['user', 'disable', 'bob@example.com']);
  await gatepass(['user', 'enable', 'bob@example.com']);
  const events = async (...args: string[]) => {
    const { stdout, stderr, code } = await gatepass(['audit', 'list', '--json', ...args]);
    assert.equal(code, 0, stderr);
    const lines = stdout.split('\n').filter((line) => line !== '');
    return lines.map((line) => JSON.parse(line));
  };
  const names = async (...args: string[]) => (await events(...args)).map(({ event }) => event);
  const bob = ['user.enable', 'user.disable', 'user.register'];
  assert.deepEqual(await names('--user', 'bob@example.com'), bob);
  assert.deepEqual(await names('--user', '1', '--since', '1h'), bob);
  assert.deepEqual(await names('--event', 'user.disable'), ['user.disable']);
  assert.deepEqual(await names('--since', '2100-01-01'), []);
  assert.deepEqual(await names('--limit', '1'), ['user.enable']);
  assert.ok((await events()).every(({ actor }) => actor === 'operator'));
  await gatepass(['user', 'delete', 'bob@example.com']);
  assert.deepEqual(await names('--user', '1', '--limit', '1'), ['user.delete']);
  for (const wrong of [
    ['--since', 'soon'],
    ['--limit', '0'],
    ['--event', 'nothing'],
  ])
    assert.equal((await gatepass(['audit', 'list', ...wrong])).code, 2, wrong.join());
  assert.equal((await gatepass(['audit', 'list', '--user', 'x@example.com'])).code, 3);
});

test('events between two times are listed by time, whatever the order of their writing', async (t) => {
  const url = await newSharedDatabase(t);
  const directory = await workDirectory(t);
  const gatepass = (...args: string[]) =>
    runCommand(directory, ['audit', 'list', ...args], '', { GATEPASS_DATABASE_URL: url });
  assert.equal((await gatepass()).code, 0);
  const database = openDatabase(url);
  t.after(() => database.close());
  const audit = createAuditStore(database);
  const at = (time: string) => Date.parse(`2026-01-31T${time}Z`);
  await database.transaction(async (tx) => {
    for (const [time, userId] of [
      ['12:00:00', 1],
      ['12:00:02', 2],
      ['12:00:01', 3],
      ['23:59:59.999', 4],
    ] as const)
      await audit.insert(tx, at(time), { event: 'login.fail', userId, by: {} });
  });
  const users = async (...args: string[]) => {
    const { stdout, stderr, code } = await gatepass('--json', ...args);
    assert.equal(code, 0, stderr);
    const lines = stdout.split('\n').filter((line) => line !== '');
    return lines.map((line) => JSON.parse(line).user_id);
  };
  const range = (since: string, until: string) => users('--since', since, '--until', until);
  assert.deepEqual(await users(), [4, 2, 3, 1]);
  assert.deepEqual(await users('--limit', '2'), [4, 2]);
  assert.deepEqual(await range('2026-01-31', '2026-02-01'), [4, 2, 3, 1]);
  assert.deepEqual(await range('2026-01-31T12:00:01', '2026-01-31T12:00:02'), [2, 3]);
  assert.deepEqual(await range('2026-01-31 12:00:01.000Z', '2026-01-31 12:00:01.000z'), [3]);
  assert.deepEqual(await range('2026-01-31T14:00:01+02:00', '2026-01-31T15:00+03:00'), []);
  assert.deepEqual(await range('2026-01-31T14:00:02+02:00', '2026-01-31T15:01+03:00'), [2]);
  for (const wrong of ['2026-02-30', '2026-1-31', '2026-01-31T25:00', '12:00', '1w', '2026', ''])
    assert.equal((await gatepass('--until', wrong)).code, 2, wrong);
  assert.equal((await gatepass('--follow', '--until', '1h')).code, 2);
});

test('a time without a zone is read as UTC, whatever the zone of the machine', () => {
  const zone = process.env['TZ'];
  try {
    process.env['TZ'] = 'America/New_York';
    assert.equal(momentOf('2026-01-31T12:00', 0), Date.UTC(2026, 0, 31, 12));
    assert.equal(momentOf('2026-01-31', 0), Date.UTC(2026, 0, 31));
  } finally {
    if (zone === undefined) delete process.env['TZ'];
    else process.env['TZ'] = zone;
  }
});

test('docs/operations.md has every event', async () => {
  const page = await readFile(join(import.meta.dirname, '../../../docs/operations.md'), 'utf8');
  const names = markdown
    .sectionOf(page, 'The audit log')
    .split('\n')
    .flatMap((line) => (/^\| (`[^|]+`) +\|/.exec(line)?.[1] ?? '').split(', '))
    .flatMap((name) => /^`([a-z_]+(?:\.[a-z_]+)?)`$/.exec(name)?.[1] ?? []);
  assert.deepEqual(names.toSorted(), [...EVENTS].toSorted());
  assert.equal(readConfig({}).auditRetention, 90 * DAY);
});
