/** The audit log as an operator reads it, and as the documentation describes it. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import * as markdown from '../../../test/support/markdown.ts';
import { EVENTS } from '../src/audit/event.ts';
import { readConfig } from '../src/config/config.ts';
import { runCommand } from './support/command.ts';
import { workDirectory } from './support/process.ts';
import { PASSWORD } from './support/service.ts';

const DAY = 86_400_000;

test('gatepass audit list filters by account, event and time; what an operator does is in it', async (t) => {
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

test('docs/operations.md has every event', async () => {
  const page = await readFile(join(import.meta.dirname, '../../../docs/operations.md'), 'utf8');
  const documented = [
    ...markdown.sectionOf(page, 'The audit log').matchAll(/^\| `([a-z]+(?:\.[a-z]+)?)`/gm),
  ].map(([, name]) => name);
  assert.deepEqual(documented, [...EVENTS]);
  assert.equal(readConfig({}).auditRetention, 90 * DAY);
});
