/** The table or model of the users: found, asked for, or given by an option. */
import assert from 'node:assert/strict';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { runCommand } from '../support/command.ts';
import { workDirectory } from '../support/databases.ts';
import { listed, placeOf, usersIn } from './support/place.ts';

const AMBIGUOUS: Readonly<Record<string, string>> = {
  'a left-over auth_user':
    usersIn('auth_user', 'old@example.com') + usersIn('accounts_user', 'a@b.example'),
  'a left-over auth_user without rows':
    usersIn('auth_user') + usersIn('accounts_user', 'a@b.example'),
  'a left-over auth_user beside a model with other columns': `${usersIn('auth_user', 'old@example.com')}
    create table accounts_user (uuid text primary key, address text, password text, last_login text)`,
  'two models of one name':
    usersIn('customers_user', 'a@b.example') + usersIn('staff_user', 'c@b.example'),
  'a view': `${usersIn('auth_user', 'a@b.example')} create view active as select * from auth_user`,
};

for (const [name, statements] of Object.entries(AMBIGUOUS)) {
  test(`with two possible users' tables neither is chosen: ${name}`, async (t) => {
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

test('every report names the table', async (t) => {
  const { directory, run } = await placeOf(
    t,
    usersIn('auth_user', 'old@example.com') + usersIn('accounts_user', 'a@b.example', 'no address'),
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

test('a table can be named in every usual form', async (t) => {
  const { run } = await placeOf(
    t,
    usersIn('auth_user', 'a@b.example') + usersIn('Accounts_User', 'c@d.example'),
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

test('with two possible users’ models of a dump neither is chosen, and other fields can be named', async (t) => {
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
