/** `gatepass import`, as an operator runs it. */
import assert from 'node:assert/strict';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { runCommand, runGatepass } from '../support/command.ts';
import { SQLITE_ONLY } from '../support/databases.ts';
import { REAL_HASHES } from '../support/hashing.ts';
import { startNode } from '../support/node.ts';
import { post, workDirectory } from '../support/process.ts';
import { HASH, listed, PASSWORD, place, type User } from './support/place.ts';

test('accounts keep ids, addresses, times and state; the next registration has the next id', async (t) => {
  const { directory, importAgain } = await place(t, [
    { id: 7, email: 'Alice@Example.com' },
    { id: 41, email: 'bob@example.com', is_active: 0 },
    { id: 42, email: 'carol@example.com', password: '!unusable' },
  ]);
  const done = await importAgain();
  assert.equal(done.code, 0, done.stderr);
  assert.match(
    done.stdout,
    /^3 accounts of auth_user were imported into \S+ \S+, 1 of them without a usable password\.\n$/,
  );
  assert.deepEqual(await listed(directory), [
    {
      id: 7,
      email: 'Alice@Example.com',
      is_active: true,
      created_at: '2024-05-06T07:08:09.000Z',
      last_login_at: '2026-01-02T03:04:05.123Z',
    },
    { ...(await listed(directory))[1], id: 41, is_active: false },
    { ...(await listed(directory))[2], id: 42, email: 'carol@example.com' },
  ]);
  const server = await startNode(t, directory);
  const login = (email: string, password = PASSWORD) =>
    post(server.url, '/api/token', { email, password });
  assert.equal((await login('alice@example.com'))?.status, 200);
  assert.equal((await login('alice@example.com', 'wrong'))?.status, 401);
  assert.equal((await login('bob@example.com'))?.status, 401);
  assert.equal((await login('carol@example.com'))?.status, 401);
  const created = await post(server.url, '/api/users', {
    email: 'dave@example.com',
    password: PASSWORD,
  });
  assert.deepEqual(created?.body, { id: 43, email: 'dave@example.com' });
});

test(
  'the first login renews the hash to Argon2id, and a second import keeps it',
  SQLITE_ONLY,
  async (t) => {
    const { directory, importAgain } = await place(t, [{ id: 1, email: 'alice@example.com' }]);
    await importAgain();
    const server = await startNode(t, directory, REAL_HASHES);
    const login = () =>
      post(server.url, '/api/token', { email: 'alice@example.com', password: PASSWORD });
    assert.equal((await login())?.status, 200);
    const again = await importAgain('--json');
    assert.deepEqual(JSON.parse(again.stdout), {
      source: 'SQLite django.sqlite3',
      table: 'auth_user',
      to: 'SQLite ./data/gatepass.db',
      imported: 0,
      importable: 0,
      present: 1,
      without_password: 0,
      logouts: 0,
      factors: {
        imported: 0,
        importable: 0,
        left: {},
        clocks_off: 0,
        static_codes: { imported: 0, importable: 0, left: {} },
      },
      ids_above: 1,
      ids_counted: true,
      faults: [],
    });
    const database = new DatabaseSync(join(directory, 'data/gatepass.db'), { readOnly: true });
    t.after(() => database.close());
    const row = database.prepare('select password_hash from users').get();
    assert.match(String(row?.['password_hash']), /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    assert.equal((await login())?.status, 200);
  },
);

const FAULTY: readonly (User & { code: string })[] = [
  { id: 2, email: null, code: 'missing_email' },
  { id: 3, email: 'no address', code: 'invalid_email' },
  { id: 4, email: 'Twice@example.com', code: 'duplicate_email' },
  { id: 5, email: 'twice@EXAMPLE.com', code: 'duplicate_email' },
  { id: 6, email: 'md5@example.com', password: 'md5$a$b', code: 'password_unknown_format' },
  {
    id: 8,
    email: 'dear@example.com',
    password: HASH.replace('260000', '260000000'),
    code: 'password_too_costly',
  },
];

test('all faulty rows are named, and nothing is imported without --skip-faulty', async (t) => {
  const { directory, importAgain } = await place(t, [
    { id: 1, email: 'alice@example.com' },
    ...FAULTY,
  ]);
  const refused = await importAgain('--json');
  assert.equal(refused.code, 4);
  const { faults, imported, importable } = JSON.parse(refused.stdout);
  assert.deepEqual([imported, importable], [0, 1]);
  const codes = faults.map(({ place, code }: { place: string; code: string }) => [place, code]);
  assert.deepEqual(codes.sort(), FAULTY.map(({ id, code }) => [`id ${id}`, code]).sort());
  assert.match(
    refused.stderr,
    /6 of 7 rows of auth_user cannot be accounts, so nothing was imported/,
  );
  assert.doesNotMatch(refused.stderr + refused.stdout, /pbkdf2_|md5\$/);
  assert.deepEqual(await listed(directory), []);
  assert.equal((await importAgain('--skip-faulty')).code, 0);
  assert.equal((await listed(directory)).length, 1);
});

test('--dry-run creates nothing, writes nothing, and reports the plan', async (t) => {
  const { directory, importAgain } = await place(t, [{ id: 1, email: 'alice@example.com' }]);
  const before = await readdir(directory);
  const planned = await importAgain('--dry-run');
  assert.match(planned.stdout, /^1 account of auth_user would be imported into \S+ \S+\.\n$/);
  assert.deepEqual(await readdir(directory), before);
  assert.deepEqual(await listed(directory), []);
});

test('an existing account is neither replaced nor duplicated', async (t) => {
  const { directory, importAgain } = await place(t, [
    { id: 1, email: 'other@example.com' },
    { id: 9, email: 'alice@example.com' },
  ]);
  await runCommand(directory, ['user', 'create', 'alice@example.com'], PASSWORD);
  const { faults } = JSON.parse((await importAgain('--json')).stdout);
  assert.deepEqual(
    faults.map(({ place, code }: { place: string; code: string }) => [place, code]),
    [
      ['id 1', 'id_taken'],
      ['id 9', 'email_taken'],
    ],
  );
});

test('a custom user model is found by its columns, and a failure is explained', async (t) => {
  const users = [{ id: 1, email: 'alice@example.com' }];
  const { source, importAgain } = await place(t, users, 'accounts_person');
  assert.equal((await importAgain('--dry-run')).code, 0);
  source.exec('create table other (id integer, password text, email text)');
  const several = await importAgain('--dry-run');
  assert.equal(several.code, 1);
  assert.match(several.stderr, /accounts_person, other\. Name one with --table/);
  const absent = await importAgain('--table', 'nothing');
  assert.match(absent.stderr, /no table nothing\. Tables there: accounts_person, other/);
  const column = await importAgain('--table', 'other', '--email-column', 'mail');
  assert.match(column.stderr, /no column mail\. Columns there: email, id, password/);
});

test('a dump of manage.py dumpdata, and a CSV file', async (t) => {
  const directory = await workDirectory(t);
  const fields = { password: HASH, email: 'alice@example.com', is_active: true };
  const dump = [
    { model: 'contenttypes.contenttype', pk: 1, fields: {} },
    { model: 'auth.user', pk: 5, fields: { ...fields, date_joined: '2024-01-02T03:04:05Z' } },
  ];
  await writeFile(join(directory, 'dump.json'), JSON.stringify(dump));
  const fromDump = await runCommand(directory, ['import', 'django', '--from-json', 'dump.json']);
  assert.match(fromDump.stdout, /^1 account of auth\.user was imported into /, fromDump.stderr);
  await writeFile(
    join(directory, 'users.csv'),
    'email,password_hash\n"bob@example.com",$2b$12$2qq8mMn/CM0nchlA2kxzo.oulgKucJyKrZbAGaYZ75Nfqh0hN715W\n',
  );
  const fromCsv = await runCommand(directory, ['import', 'csv', 'users.csv']);
  assert.match(fromCsv.stdout, /^1 account of users\.csv was imported into /, fromCsv.stderr);
  assert.deepEqual(
    (await listed(directory)).map(({ id, email }) => [id, email]),
    [
      [5, 'alice@example.com'],
      [1_000_006, 'bob@example.com'],
    ],
  );
});

const UNREADABLE: readonly (readonly [args: string[], message: RegExp])[] = [
  [['django', '--from', 'sqlite:nowhere.sqlite3'], /nowhere\.sqlite3: unable to open/],
  [['django', '--from-json', 'nowhere.json'], /nowhere\.json: ENOENT/],
  [['django', '--from-json', 'text.json'], /text\.json: this is no JSON/],
  [['django', '--from-json', 'list.json'], /not what "manage\.py dumpdata" writes/],
  [['django'], /Give --from with a URL or --from-json/],
  [
    ['django', '--from', 'mysql://x/y'],
    /^--from names no database that is known: write sqlite:PATH or postgres/,
  ],
  [['csv', 'bare.csv'], /The first line must name the columns/],
  [['csv', 'torn.csv'], /torn\.csv: line \d+: CSV_/],
];

test('an unreadable source is reported by name and reason', async (t) => {
  const directory = await workDirectory(t);
  const files = {
    'text.json': `no json, ${HASH}`,
    'list.json': '[1]',
    'bare.csv': 'a@example.com,x\n',
    'torn.csv': `email,password_hash\n"a@example.com,${HASH}\n`,
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text);
  for (const [args, message] of UNREADABLE) {
    const { code, stderr } = await runCommand(directory, ['import', ...args]);
    assert.match(stderr, message);
    assert.doesNotMatch(stderr, /pbkdf2_|\n +at /);
    assert.ok(code === 1 || code === 2, `${code}`);
  }
});

test('a CSV file is streamed, so an unclosed quote is found early', async (t) => {
  const directory = await workDirectory(t);
  const header = 'email,password_hash\n';
  await writeFile(join(directory, 'u.csv'), `${header}"a@example.com,${'x'.repeat(1_000_000)}`);
  const { code, stderr } = await runCommand(directory, ['import', 'csv', 'u.csv']);
  assert.equal(code, 1);
  assert.equal(stderr, 'u.csv: line 2: CSV_MAX_RECORD_SIZE\n');
});

test('a source with more rows than fit in memory is refused with one sentence', async (t) => {
  const directory = await workDirectory(t);
  const rows = Array.from({ length: 20_000 }, (_, i) => `user${i}@example.com,\n`).join('');
  await writeFile(join(directory, 'u.csv'), `email,password_hash\n${rows}`);
  const args = ['import', 'csv', 'u.csv', '--dry-run'];
  const env = { NODE_OPTIONS: '--max-old-space-size=64' };
  const refused = await runGatepass(directory, args, '', env);
  assert.match(
    refused.stderr,
    /^u\.csv has more than \d+ rows, .*NODE_OPTIONS=--max-old-space-size/,
  );
  assert.equal(refused.code, 1);
  assert.equal((await runCommand(directory, args)).code, 0);
});
