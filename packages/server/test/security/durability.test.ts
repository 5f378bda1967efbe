/** docs/security-cases.md, group ST: what keeps an answered write, read back from what runs. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { sql } from 'kysely';
import { openDatabase } from '../../src/database/open.ts';
import { runCommand, runGatepass } from '../support/command.ts';
import { startProcess, workDirectory } from '../support/process.ts';

const OLD = {
  GATEPASS_PORT: '0',
  NODE_OPTIONS: `--import=${join(import.meta.dirname, '../support/planted-sqlite.ts')}`,
};

test('ST10 the connection that writes waits for the disk at every commit', async (t) => {
  const database = openDatabase(`sqlite:${await workDirectory(t)}/gatepass.db`);
  t.after(() => database.close());
  await database.migrate();
  const read = (pragma: string) =>
    database.transaction(async ({ db }) => {
      const { rows } = await sql.raw<Record<string, unknown>>(`PRAGMA ${pragma}`).execute(db);
      return Object.values(rows[0] ?? {})[0];
    });
  assert.equal(await read('synchronous'), 2);
  assert.equal(await read('journal_mode'), 'wal');
});

test('ST09 a SQLite that can damage a shared file: workers are refused, one process is warned', async (t) => {
  const directory = await workDirectory(t);
  const workers = await runGatepass(directory, ['serve'], '', { ...OLD, GATEPASS_WORKERS: '2' });
  assert.equal(workers.code, 1);
  assert.match(workers.stderr, /^GATEPASS_WORKERS: SQLite 3\.51\.2 of Node\.js .+ can damage/);
  const { log } = await startProcess(t, directory, OLD);
  assert.ok(log.some((line) => /"warn".+SQLite 3\.51\.2/.test(line)));
  const { stdout } = await runGatepass(directory, ['doctor'], '', OLD);
  assert.match(stdout, /^warning {2}runtime: SQLite 3\.51\.2/);

  const sound = await runCommand(directory, ['doctor']);
  assert.match(sound.stdout, /^ok {7}runtime: Node\.js/);
});
