/** Several processes that create one database at the same moment: none of them may fail. */
import assert from 'node:assert/strict';
import { fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { openDatabase } from '../src/database/open.ts';
import { workDirectory } from './support/process.ts';

const ROUNDS = 25;

test('ST15 three processes can open a new or an existing database at once', async (t) => {
  const place = await workDirectory(t);
  const openers = [1, 2, 3].map(() => fork(join(import.meta.dirname, 'support/opener.ts')));
  t.after(() => openers.map((opener) => opener.kill()));
  await Promise.all(openers.map((opener) => once(opener, 'message')));
  const all = async (order: object | string) => {
    const outcomes = openers.map((opener) => once(opener, 'message'));
    for (const opener of openers) opener.send(order);
    return (await Promise.all(outcomes)).map(([outcome]) => outcome);
  };
  const OPENED = ['opened', 'opened', 'opened'];
  for (let round = 0; round < ROUNDS; round++) {
    const directory = join(place, String(round));
    await mkdir(directory);
    for (const state of ['new', 'there']) {
      // None takes what another is just doing for a file that lacks its -wal.
      const outcomes = await all({ directory, at: Date.now() + 5 });
      assert.deepEqual(outcomes, OPENED, `${state}, round ${round}`);
      // Those that close together see each other: the last one says that the file is whole.
      const last = openDatabase(`sqlite:${directory}/data/gatepass.db`);
      await all('close');
      await last.close();
    }
  }
});

test('opening a file does not take away the locks that this process has on it', async (t) => {
  const path = `${await workDirectory(t)}/gatepass.db`;
  const before = openDatabase(`sqlite:${path}`);
  await before.migrate();
  await before.close();
  const holder = new DatabaseSync(path);
  t.after(() => holder.close());
  holder.exec('begin exclusive');
  assert.throws(() => openDatabase(`sqlite:${path}`), /locked/);
  const script = `const { DatabaseSync } = require('node:sqlite');
    new DatabaseSync(process.argv[1], { timeout: 0 }).exec('begin immediate');`;
  const other = spawnSync(process.execPath, ['-e', script, path]);
  assert.match(String(other.stderr), /database is locked/);
});
