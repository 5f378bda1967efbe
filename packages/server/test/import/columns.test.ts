/** The choice of columns, NULL and UUIDs in them, and a source without rows. */
import assert from 'node:assert/strict';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { runCommand } from '../support/command.ts';
import { HASH, listed, place, placeOf, usersIn } from './support/place.ts';

test('other columns for ids and addresses can be named for a custom user model', async (t) => {
  const { directory, run } = await placeOf(
    t,
    `create table crm_person (person_id integer primary key autoincrement, Mail text, password text, last_login text);
     insert into crm_person values (7, 'a@b.example', '!', null), (9, 'c@d.example', '!', null)`,
  );
  const asked = await run();
  assert.equal(asked.code, 1);
  assert.match(
    asked.stderr,
    /^Table crm_person has no column id, email\. Columns there: .*--id-column .* \(the primary key is person_id\), --email-column/,
  );
  const done = await run('--id-column', 'person_id', '--email-column', 'mail', '--json');
  const { imported, table, ids_above, ids_counted } = JSON.parse(done.stdout);
  assert.deepEqual([imported, table, ids_above, ids_counted], [2, 'crm_person', 9, true]);
  assert.deepEqual(
    (await listed(directory)).map(({ id }) => id),
    [7, 9],
  );
});

test('a row without an id gets no made-up id', async (t) => {
  const { run } = await placeOf(
    t,
    `${usersIn('auth_user', 'a@b.example', 'c@d.example')} alter table auth_user add column legacy integer;
     update auth_user set legacy = 5 where id = 1`,
  );
  const { stdout } = await run('--id-column', 'legacy', '--json');
  assert.deepEqual(JSON.parse(stdout).faults, [
    { place: 'id null', email: 'c@d.example', code: 'invalid_id' },
  ]);
});

test('is_active: NULL means not active, and without the column accounts are active', async (t) => {
  const { directory, source, importAgain } = await place(t, [
    { id: 1, email: 'a@b.example' },
    { id: 2, email: 'c@d.example' },
  ]);
  source.exec('update auth_user set is_active = null where id = 2');
  await importAgain();
  assert.deepEqual(
    (await listed(directory)).map(({ is_active }) => is_active),
    [true, false],
  );
  const other = await placeOf(t, usersIn('auth_user', 'e@f.example'));
  await other.run();
  assert.equal((await listed(other.directory))[0]?.is_active, true);
});

const UUIDS = ['8d1f6a52-2f0b-4c6f-9a57-0b1de4a7c0aa', '8D1F6A522F0B4C6F9A570B1DE4A7C0AA'];

test('UUIDs of every source are stored in one spelling, unless an integer column is named', async (t) => {
  for (const id of UUIDS) {
    const { directory, run } = await placeOf(
      t,
      `create table auth_user (id char(32) primary key, email text, password text, number integer);
       insert into auth_user values ('${id}', 'a@b.example', '${HASH}', 3)`,
    );
    assert.equal(JSON.parse((await run('--json')).stdout).imported, 1);
    assert.deepEqual(
      (await listed(directory)).map((user) => user.id),
      [UUIDS[0]],
    );
    const entry = {
      model: 'auth.user',
      pk: id,
      fields: { email: 'a@b.example', password: HASH, number: 4 },
    };
    await writeFile(join(directory, 'd.json'), JSON.stringify([entry]));
    await writeFile(
      join(directory, 'u.csv'),
      `id,email,password_hash\n${id},a@b.example,${HASH}\n`,
    );
    const dump = ['import', 'django', '--from-json', 'd.json'];
    for (const args of [dump, ['import', 'csv', 'u.csv']]) {
      const again = await runCommand(directory, [...args, '--json']);
      assert.deepEqual([JSON.parse(again.stdout).present, again.code], [1, 0], again.stderr);
    }
    const { stdout } = await runCommand(directory, [...dump, '--id-column', 'number', '--json']);
    assert.equal(JSON.parse(stdout).faults[0].code, 'email_taken');
  }
});

test('an empty source fails with an exit code', async (t) => {
  const { directory, run } = await placeOf(t, usersIn('auth_user'));
  for (const options of [[], ['--dry-run'], ['--skip-faulty']]) {
    const { code, stdout, stderr } = await run(...options);
    assert.deepEqual([code, stdout], [3, '']);
    assert.equal(stderr, 'auth_user in SQLite d.db has no rows, so there is nothing to import.\n');
  }
  await writeFile(join(directory, 'u.csv'), 'email,password_hash\n');
  assert.equal((await runCommand(directory, ['import', 'csv', 'u.csv'])).code, 3);
  const faulty = await placeOf(t, usersIn('auth_user', 'no address'));
  const none = await faulty.run('--skip-faulty', '--json');
  assert.equal(none.code, 4);
  assert.match(none.stderr, /^No row of auth_user can be an account/m);
  assert.equal(JSON.parse(none.stdout).faults.length, 1);
  assert.deepEqual(await readdir(faulty.directory), ['d.db']);
});

test('a rehearsal in a database with other accounts reports the cause once, with the fix', async (t) => {
  const { directory, run } = await placeOf(t, usersIn('auth_user', 'a@b.example', 'c@d.example'));
  await runCommand(directory, ['user', 'create', 'user@example.com'], 'correct horse 9 battery');
  const { code, stdout, stderr } = await run('--dry-run');
  assert.deepEqual([code, stdout], [4, '']);
  const [fault, hint, sentence, ...more] = stderr.trimEnd().split('\n');
  assert.match(String(fault), /^id 1 {2}"a@b\.example" {2}id_taken: /);
  assert.match(String(hint), /has other accounts\. .*GATEPASS_DATABASE_URL/);
  assert.match(
    String(sentence),
    /^1 of 2 rows of auth_user cannot be an account, so nothing would be imported\. .*1 account would/,
  );
  assert.deepEqual(more, []);
  const env = { GATEPASS_DATABASE_URL: 'sqlite:./rehearsal.db' };
  const args = ['import', 'django', '--from', 'sqlite:d.db', '--dry-run'];
  const elsewhere = await runCommand(directory, args, '', env);
  assert.match(
    elsewhere.stdout,
    /^2 accounts of auth_user would be imported into SQLite \.\/rehearsal\.db/,
  );
  assert.ok(!(await readdir(directory)).includes('rehearsal.db'));
});
