/** Which table holds the users, and which columns: found, asked for, or told. */
import assert from 'node:assert/strict';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { runCommand } from '../support/command.ts';
import { workDirectory } from '../support/databases.ts';
import { HASH, listed, place } from './support/place.ts';

/** A database that these statements make. */
async function placeOf(t: TestContext, statements: string) {
  const directory = await workDirectory(t);
  const source = new DatabaseSync(join(directory, 'd.db'));
  source.exec(statements);
  source.close();
  const run = (...more: string[]) =>
    runCommand(directory, ['import', 'django', '--from', 'sqlite:d.db', ...more]);
  return { directory, run };
}

const users = (table: string, ...emails: string[]) =>
  `create table ${table} (id integer primary key autoincrement, email text, password text);
   ${emails.map((email) => `insert into ${table} (email, password) values ('${email}', '!');`).join('')}`;

const AMBIGUOUS: Readonly<Record<string, string>> = {
  'a left-over auth_user':
    users('auth_user', 'old@example.com') + users('accounts_user', 'a@b.example'),
  'a left-over auth_user without rows': users('auth_user') + users('accounts_user', 'a@b.example'),
  'a left-over auth_user beside a model with other columns': `${users('auth_user', 'old@example.com')}
    create table accounts_user (uuid text primary key, address text, password text, last_login text)`,
  'two models of one name':
    users('customers_user', 'a@b.example') + users('staff_user', 'c@b.example'),
  'a view': `${users('auth_user', 'a@b.example')} create view active as select * from auth_user`,
};

for (const [name, statements] of Object.entries(AMBIGUOUS)) {
  test(`of two that may be the users neither is taken: ${name}`, async (t) => {
    const { directory, run } = await placeOf(t, statements);
    for (const options of [[], ['--dry-run'], ['--json'], ['--skip-faulty']]) {
      const { code, stdout, stderr } = await run(...options);
      assert.deepEqual([code, stdout], [1, '']);
      assert.match(
        stderr,
        /^Several tables of SQLite d\.db may hold the users: \w+, \w+\. Name one with --table/,
      );
    }
    assert.deepEqual(await readdir(directory), ['d.db']);
  });
}

test('the table taken is named in every report', async (t) => {
  const { directory, run } = await placeOf(
    t,
    users('auth_user', 'old@example.com') + users('accounts_user', 'a@b.example', 'no address'),
  );
  const table = ['--table', 'accounts_user'];
  assert.match((await run(...table)).stderr, /1 of 2 rows of accounts_user cannot be an account/);
  assert.equal(JSON.parse((await run(...table, '--json')).stdout).table, 'accounts_user');
  for (const options of [['--dry-run'], []])
    assert.match(
      (await run(...table, '--skip-faulty', ...options)).stdout,
      /^1 account of accounts_user /,
    );
  assert.match(
    (await run(...table, '--skip-faulty')).stdout,
    /^0 accounts of accounts_user .* 1 is here already/,
  );
  assert.deepEqual(
    (await listed(directory)).map(({ email }) => email),
    ['a@b.example'],
  );
});

test('a table is named as people name it', async (t) => {
  const { run } = await placeOf(
    t,
    users('auth_user', 'a@b.example') + users('Accounts_User', 'c@d.example'),
  );
  for (const name of ['Accounts_User', 'accounts_user', 'accounts.User']) {
    const { stdout, stderr } = await run('--table', name, '--dry-run', '--json');
    assert.notEqual(stdout, '', stderr);
    assert.equal(JSON.parse(stdout).table, 'Accounts_User', name);
  }
  const absent = await run('--table', 'account');
  assert.match(
    absent.stderr,
    /there is no table account\. Tables there: Accounts_User, auth_user\n$/,
  );
});

test('a custom user model: other columns for ids and addresses', async (t) => {
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

test('an id is never made up for a row that has none', async (t) => {
  const { run } = await placeOf(
    t,
    `${users('auth_user', 'a@b.example', 'c@d.example')} alter table auth_user add column legacy integer;
     update auth_user set legacy = 5 where id = 1`,
  );
  const { stdout } = await run('--id-column', 'legacy', '--json');
  assert.deepEqual(JSON.parse(stdout).faults, [
    { place: 'id null', email: 'c@d.example', code: 'invalid_id' },
  ]);
});

test('is_active: NULL is not active, and what is not there is', async (t) => {
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
  const other = await placeOf(t, users('auth_user', 'e@f.example'));
  await other.run();
  assert.equal((await listed(other.directory))[0]?.is_active, true);
});

const UUIDS = ['8d1f6a52-2f0b-4c6f-9a57-0b1de4a7c0aa', '8D1F6A522F0B4C6F9A570B1DE4A7C0AA'];

test('UUIDs are refused with one sentence, wherever they come from', async (t) => {
  const sentence = /^The ids of \S+ in .+ are UUIDs\..*--id-column\.\n$/;
  for (const id of UUIDS) {
    const { directory, run } = await placeOf(
      t,
      `create table auth_user (id char(32) primary key, email text, password text, number integer);
       insert into auth_user values ('${id}', 'a@b.example', '!', 3)`,
    );
    const refused = await run('--skip-faulty');
    assert.match(refused.stderr, sentence);
    assert.deepEqual([refused.code, refused.stdout], [1, '']);
    assert.equal(JSON.parse((await run('--id-column', 'number', '--json')).stdout).imported, 1);
    const entry = {
      model: 'auth.user',
      pk: id,
      fields: { email: 'a@b.example', password: '!', number: 4 },
    };
    await writeFile(join(directory, 'd.json'), JSON.stringify([entry]));
    await writeFile(
      join(directory, 'u.csv'),
      `id,email,password_hash\n${id},a@b.example,${HASH}\n`,
    );
    const dump = ['import', 'django', '--from-json', 'd.json'];
    assert.match((await runCommand(directory, dump)).stderr, sentence);
    assert.match((await runCommand(directory, ['import', 'csv', 'u.csv'])).stderr, sentence);
    const { stdout } = await runCommand(directory, [...dump, '--id-column', 'number', '--json']);
    assert.equal(JSON.parse(stdout).faults[0].code, 'email_taken');
  }
});

test('of two models of a dump that may be the users neither is taken; other fields are named', async (t) => {
  const directory = await workDirectory(t);
  const entry = (model: string, fields: object) => ({
    model,
    pk: 3,
    fields: { password: '!', ...fields },
  });
  const run = async (entries: object[], ...more: string[]) => {
    await writeFile(join(directory, 'd.json'), JSON.stringify(entries));
    const args = ['import', 'django', '--from-json', 'd.json', '--dry-run', ...more];
    return runCommand(directory, args);
  };
  const old = entry('auth.user', { email: 'old@example.com' });
  for (const fields of [{ email: 'a@b.example' }, { mail: 'a@b.example', last_login: null }]) {
    const asked = await run([old, entry('accounts.user', fields)]);
    assert.equal(asked.code, 1);
    assert.match(
      asked.stderr,
      /^Several models of d\.json may hold the users: auth\.user, accounts\.user\. Name one/,
    );
  }
  const mail = entry('accounts.user', { mail: 'a@b.example', number: 5 });
  const named = await run(
    [old, mail],
    '--table',
    'accounts.User',
    '--email-column',
    'mail',
    '--json',
  );
  assert.deepEqual(
    [JSON.parse(named.stdout).table, JSON.parse(named.stdout).importable],
    ['accounts.user', 1],
  );
  const absent = await run([mail], '--table', 'accounts.User');
  assert.match(
    absent.stderr,
    /^Model accounts\.user has no field email\. Fields there: mail, number, password\./,
  );
  const id = await run([old], '--id-column', 'number');
  assert.match(id.stderr, /has no field number\. .* Without --id-column the primary key is taken/);
  assert.equal((await run([old], '--id-column', 'id')).code, 0);
});

test('nothing to import is a complaint that scripts see', async (t) => {
  const { directory, run } = await placeOf(t, users('auth_user'));
  for (const options of [[], ['--dry-run'], ['--skip-faulty']]) {
    const { code, stdout, stderr } = await run(...options);
    assert.deepEqual([code, stdout], [3, '']);
    assert.equal(stderr, 'auth_user in SQLite d.db has no rows, so there is nothing to import.\n');
  }
  await writeFile(join(directory, 'u.csv'), 'email,password_hash\n');
  assert.equal((await runCommand(directory, ['import', 'csv', 'u.csv'])).code, 3);
  const faulty = await placeOf(t, users('auth_user', 'no address'));
  const none = await faulty.run('--skip-faulty', '--json');
  assert.equal(none.code, 4);
  assert.match(none.stderr, /^No row of auth_user can be an account/m);
  assert.equal(JSON.parse(none.stdout).faults.length, 1);
  assert.deepEqual(await readdir(faulty.directory), ['d.db']);
});

test('a rehearsal beside other accounts says one thing, and where to rehearse', async (t) => {
  const { directory, run } = await placeOf(t, users('auth_user', 'a@b.example', 'c@d.example'));
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
