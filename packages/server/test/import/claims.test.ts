/** Usernames, and columns that become claims. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { runCommand } from '../support/command.ts';
import { databaseOf } from '../support/databases.ts';
import { claimsOf, startService } from '../support/service.ts';
import { HASH, listed, PASSWORD, placeOf } from './support/place.ts';

const STAFF = '01890a5d-ac96-774b-bcce-b302099a8057';
const OTHER = '01890a5d-ac96-774b-bcce-b302099a8058';

/** As Django makes it on SQLite: UUIDs as 32 digits, booleans as `bool`. */
const PROJECT = `
  create table accounts_user (id char(32) primary key, password varchar(128), last_login datetime, is_superuser bool,
    username varchar(150) unique, email varchar(254), is_staff bool, is_active bool, date_joined datetime,
    department varchar(50), beta bool, level integer);
  create table auth_group (id integer primary key autoincrement, name varchar(150));
  create table accounts_user_groups (id integer primary key autoincrement, user_id char(32), group_id integer);
  insert into auth_group values (1, 'Editors'), (2, 'Бухгалтерия');
  insert into accounts_user values
    ('${STAFF.replaceAll('-', '')}', '${HASH}', null, 1, 'Alice', 'alice@example.com', 1, 1, '2024-05-06 07:08:09', 'Sales', 1, 3),
    ('${OTHER.replaceAll('-', '')}', '${HASH}', null, 0, 'bob@example.com', 'bob@example.com', 0, 1, '2024-05-06 07:08:09', null, 0, null);
  insert into accounts_user_groups values (1, '${STAFF.replaceAll('-', '')}', 2), (2, '${STAFF.replaceAll('-', '')}', 1)`;
const COLUMNS = ['--username-column', 'username', '--claims-columns'];
const CHOSEN = 'is_staff,is_superuser,groups,department=team,beta,level';

test('UUIDs, usernames, groups, is_staff and chosen columns of Django are imported', async (t) => {
  const { directory, run } = await placeOf(t, PROJECT);
  const done = await run(...COLUMNS, CHOSEN);
  assert.equal(done.code, 0, done.stderr);
  const [alice, bob] = await listed(directory);
  assert.deepEqual(
    [alice.id, alice.username, alice.claims],
    [
      STAFF,
      'Alice',
      {
        is_staff: true,
        is_superuser: true,
        team: 'Sales',
        beta: true,
        level: 3,
        groups: ['Editors', 'Бухгалтерия'],
      },
    ],
  );
  // A username that is an address is not imported: its owner logs in with the address.
  assert.deepEqual([bob.id, bob.username], [OTHER, undefined]);
  assert.deepEqual(bob.claims, { is_staff: false, is_superuser: false, beta: false });

  const again = await run(...COLUMNS, CHOSEN, '--json');
  assert.deepEqual(JSON.parse(again.stdout).present, 2);

  const service = await startService(t, {
    GATEPASS_DATABASE_URL: await databaseOf(directory),
    GATEPASS_LOGIN_FIELDS: 'email,username',
  });
  const login = await service.post('/api/token', { username: 'alice', password: PASSWORD });
  assert.equal(login.status, 200, login.text);
  const claims = claimsOf(login.body.access);
  assert.deepEqual([claims['user_id'], claims['is_staff']], [STAFF, true]);
  assert.equal('cv' in claims, false, 'nothing has changed since');
});

test('groups are read from a dump as numbers or names, and from CSV as text or JSON', async (t) => {
  const { directory } = await placeOf(t, 'create table unused (id integer)');
  const fields = { email: 'alice@example.com', password: HASH, username: 'alice', is_staff: true };
  const dump = [
    { model: 'auth.group', pk: 4, fields: { name: 'Editors' } },
    { model: 'accounts.user', pk: 1, fields: { ...fields, groups: [4, 9] } },
  ];
  const natural = [
    {
      ...dump[1],
      pk: 2,
      fields: { ...fields, email: 'bob@example.com', username: 'bob', groups: [['Editors']] },
    },
  ];
  const csv = `email,password_hash,login,is_staff,team,groups\ncarol@example.com,${HASH},Carol,0,Sales,"[""Editors""]"\n`;
  await writeFile(join(directory, 'dump.json'), JSON.stringify(dump));
  await writeFile(join(directory, 'natural.json'), JSON.stringify(natural));
  await writeFile(join(directory, 'users.csv'), csv);
  const columns = ['--claims-columns', 'is_staff,groups'];
  for (const args of [
    ['django', '--from-json', 'dump.json', '--username-column', 'username', ...columns],
    ['django', '--from-json', 'natural.json', '--username-column', 'username', ...columns],
    ['csv', 'users.csv', '--username-column', 'login', '--claims-columns', 'is_staff,groups,team'],
  ]) {
    const done = await runCommand(directory, ['import', ...args, '--ids-above', '100']);
    assert.equal(done.code, 0, done.stderr);
  }
  assert.deepEqual(
    (await listed(directory)).map(({ username, claims }) => [username, claims]),
    [
      ['alice', { is_staff: true, groups: ['Editors', '9'] }],
      ['bob', { is_staff: true, groups: ['Editors'] }],
      ['Carol', { is_staff: false, groups: ['Editors'], team: 'Sales' }],
    ],
  );
});

test('usernames in two spellings, invalid usernames and invalid claims are faults of their rows', async (t) => {
  const { run } = await placeOf(
    t,
    `create table auth_user (id integer primary key, email text, password text, username text, note text);
     insert into auth_user values (1, 'a@b.example', '!', 'Alice', null), (2, 'c@d.example', '!', 'ALICE', null),
       (3, 'e@f.example', '!', 'two words', null), (4, 'g@h.example', '!', null, '${'x'.repeat(3000)}'),
       (5, 'i@j.example', '!', ' Bob ', 'short')`,
  );
  const { stdout } = await run(...COLUMNS, 'note', '--skip-faulty', '--json');
  const { imported, faults } = JSON.parse(stdout);
  assert.equal(imported, 1);
  assert.deepEqual(
    faults.map(({ place, code }: { place: string; code: string }) => [place, code]).sort(),
    [
      ['id 1', 'duplicate_username'],
      ['id 2', 'duplicate_username'],
      ['id 3', 'invalid_username'],
      ['id 4', 'invalid_claims'],
    ],
  );
});

test('a missing column or a reserved claim is refused before rows are read', async (t) => {
  const { run } = await placeOf(t, PROJECT.replaceAll('auth_group', 'other_group'));
  for (const [columns, code, says] of [
    ['sub', 2, /sub is reserved: rename it with sub=NAME/],
    ['a b', 2, /like is_staff,groups/],
    ['', 2, /like is_staff,groups/],
    ['nothing', 1, /has no column nothing, which --claims-columns names\. Columns there: /],
    ['groups', 1, /has no tables accounts_user_groups and auth_group/],
  ] as const) {
    const refused = await run('--claims-columns', columns);
    assert.equal(refused.code, code, refused.stderr);
    assert.match(refused.stderr, says);
  }
});
