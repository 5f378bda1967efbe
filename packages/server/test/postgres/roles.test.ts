/** A role that did not make the tables and may not write them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openDatabase } from '../../src/database/open.ts';
import { runCommand } from '../support/command.ts';
import { newPostgresDatabase, queryAt, workDirectory } from '../support/databases.ts';

test('F5 tables that this role may not write are reported', async (t) => {
  const url = await newPostgresDatabase(t);
  const role = `reader_${process.pid}`;
  await queryAt(url, `create role ${role} login`);
  try {
    await queryAt(url, `grant select on all tables in schema public to ${role}`);
    const asReader = url.replace('//postgres@', `//${role}@`);
    const refused = await runCommand(await workDirectory(t), ['doctor'], '', {
      GATEPASS_DATABASE_URL: asReader,
    });
    assert.equal(refused.code, 1);
    assert.match(refused.stdout, /FAULT.* may not read and write the table \w+ of PostgreSQL/);
    const owner = openDatabase(url);
    await owner.rehearse().finally(() => owner.close());
  } finally {
    await queryAt(url, `drop owned by ${role}; drop role ${role}`);
  }
});
