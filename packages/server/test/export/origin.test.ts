/** Accounts that Django knows under their ids: the script of the guide changes no other user there. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { runCommand } from '../support/command.ts';
import { databaseOf } from '../support/databases.ts';
import { workDirectory } from '../support/process.ts';
import { PASSWORD, startService } from '../support/service.ts';

test('only accounts that were imported with their ids are said to be from Django, after a second import too', async (t) => {
  const directory = await workDirectory(t);
  const run = async (...args: string[]) => {
    const done = await runCommand(directory, args, PASSWORD);
    assert.equal(done.code, 0, done.stderr);
  };
  const origins = async (file: string, of = directory) =>
    (await readFile(join(of, file), 'utf8'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
      .filter(({ model }) => model === 'auth.user')
      .map(({ pk, fields }) => [pk, fields.from_django]);

  const uuid = '0b1c2d3e-0000-4000-8000-00000000000a';
  const rows = ['7,a@example.com,!', `${uuid},b@example.com,!`, ',c@example.com,!'];
  await writeFile(join(directory, 'u.csv'), ['id,email,password_hash', ...rows, ''].join('\n'));
  await run('import', 'csv', 'u.csv', '--ids-above', '7');
  const service = await startService(t, { GATEPASS_DATABASE_URL: await databaseOf(directory) });
  const { id } = (await service.register()).body;
  // An import that finds its accounts here does not mark them as Django's.
  await writeFile(
    join(directory, 'again.csv'),
    `id,email,password_hash\n${id},alice@example.com,!\n`,
  );
  await run('import', 'csv', 'again.csv');
  await run('export', 'django', 'back.jsonl');
  const expected = [
    [7, true],
    [uuid, true],
    [9, false],
    [id, false],
  ];
  assert.deepEqual(await origins('back.jsonl'), expected);

  const next = await workDirectory(t);
  const dump = join(directory, 'back.jsonl');
  assert.equal((await runCommand(next, ['import', 'django', '--from-json', dump])).code, 0);
  assert.equal((await runCommand(next, ['export', 'django', 'back.jsonl'])).code, 0);
  const byId = (all: unknown[][]) => all.map(String).toSorted();
  assert.deepEqual(byId(await origins('back.jsonl', next)), byId(expected));
});

test('ids of another column than the primary key are no way back: the export is refused and leaves no trace', async (t) => {
  const statements = `create table people (person_id integer primary key, number integer, email text, password text);
    insert into people values (1, 17, 'a@example.com', '!'), (17, 1, 'b@example.com', '!')`;
  const fields = { number: 17, email: 'a@example.com', password: '!' };
  const dump = JSON.stringify([{ model: 'crm.person', pk: 1, fields }]);

  /** @returns how the export ends after an import with this column */
  async function exportAfter(from: 'tables' | 'dump', ...column: string[]) {
    const directory = await workDirectory(t);
    const source = new DatabaseSync(join(directory, 'django.db'));
    source.exec(statements);
    source.close();
    await writeFile(join(directory, 'dump.json'), dump);
    const run = (...args: string[]) => runCommand(directory, args);
    const origin =
      from === 'tables' ? ['--from', 'sqlite:django.db'] : ['--from-json', 'dump.json'];
    const imported = await run('import', 'django', ...origin, ...column);
    assert.equal(imported.code, 0, imported.stderr);
    const { code, stderr } = await run('export', 'django', 'back.jsonl');
    const isThere = existsSync(join(directory, 'back.jsonl'));
    const { stdout } = await run('audit', 'list', '--event', 'user.export');
    assert.equal(isThere, code === 0);
    assert.equal(stdout !== '', code === 0, stdout);
    return { code, stderr };
  }

  assert.equal((await exportAfter('tables', '--id-column', 'PERSON_ID')).code, 0);
  assert.equal((await exportAfter('dump')).code, 0);
  const refused = await exportAfter('tables', '--id-column', 'number');
  assert.equal(refused.code, 4);
  assert.match(refused.stderr, /^2 accounts came with ids of another column than the primary key/);
  assert.equal((await exportAfter('dump', '--id-column', 'number')).code, 4);
});
