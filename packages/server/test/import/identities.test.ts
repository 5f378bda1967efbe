/** AB09: an id that a source has assigned is never given to another user. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { runCommand } from '../support/command.ts';
import { SQLITE_ONLY, workDirectory } from '../support/databases.ts';
import { forge, goodClaims } from '../support/service.ts';
import { HASH, PASSWORD, place } from './support/place.ts';

const GIVEN = 35;
const email = (id: number) => `user${id}@example.com`;
const user = (id: number) => ({ id, email: email(id) });

/** The id of the next account that is created here. */
async function nextId(directory: string, env: Record<string, string> = {}): Promise<number> {
  const args = ['user', 'create', 'next@example.com', '--json'];
  const { stdout, stderr } = await runCommand(directory, args, PASSWORD, env);
  assert.notEqual(stdout, '', stderr);
  return JSON.parse(stdout).id;
}

const refreshToken = (userId: number | string) =>
  forge({ payload: { ...goodClaims(Date.now(), 1, 'refresh'), user_id: userId } });

/** SimpleJWT's table of issued tokens, with these rows of user and token. */
function issue(source: DatabaseSync, rows: readonly (readonly [number | null, string])[]): void {
  source.exec(`create table token_blacklist_outstandingtoken (id integer primary key autoincrement,
    token text, jti text, created_at datetime, expires_at datetime, user_id integer)`);
  const insert = source.prepare(
    `insert into token_blacklist_outstandingtoken (token, jti, expires_at, user_id) values (?, ?, '2020-01-01', ?)`,
  );
  for (const [userId, token] of rows) insert.run(token, token.slice(-32), userId);
}

/** Events in the source before the import, and the options of the import. */
const PASTS: Readonly<
  Record<string, { readonly happened: (source: DatabaseSync) => void; readonly options?: string[] }>
> = {
  'of rows that are left out': {
    happened: (source) =>
      source.exec(`update auth_user set password = 'md5$a$b' where id = ${GIVEN}`),
    options: ['--skip-faulty'],
  },
  'of rows that share an address': {
    happened: (source) =>
      source.exec(`update auth_user set email = '${email(GIVEN - 1)}' where id = ${GIVEN}`),
    options: ['--skip-faulty'],
  },
  'of deleted users, which the sequence counts': {
    happened: (source) => source.exec(`delete from auth_user where id = ${GIVEN}`),
  },
  'of deleted users, where there is no sequence': {
    happened: (source) =>
      source.exec(`create table copied as select * from auth_user where id < ${GIVEN};
        drop table auth_user; alter table copied rename to auth_user`),
  },
  'of deleted users, where the sequence was lost': {
    happened: (source) =>
      source.exec(`delete from auth_user where id = ${GIVEN}; delete from sqlite_sequence`),
  },
  'of users whom only a row of a token names': {
    happened(source) {
      source.exec(`delete from auth_user where id = ${GIVEN}`);
      source.exec(`update sqlite_sequence set seq = ${GIVEN - 1}`);
      issue(source, [[GIVEN, 'no token']]);
    },
  },
  'of users whom only the text of a token names': {
    happened(source) {
      source.exec(`delete from auth_user where id = ${GIVEN}`);
      source.exec(`update sqlite_sequence set seq = ${GIVEN - 1}`);
      issue(source, [
        [1, refreshToken(1)],
        [null, 'no token'],
        // As SimpleJWT 5.5 writes it.
        [null, refreshToken(String(GIVEN))],
      ]);
    },
  },
};

for (const [name, { happened, options = [] }] of Object.entries(PASTS)) {
  test(`AB09 ids ${name} are not assigned again`, async (t) => {
    const users = Array.from({ length: GIVEN }, (_, i) => user(i + 1));
    const { directory, source, importAgain } = await place(t, users);
    happened(source);
    const done = await importAgain('--json', ...options);
    assert.equal(done.code, 0, done.stderr);
    assert.ok(JSON.parse(done.stdout).ids_above >= GIVEN, done.stdout);
    assert.ok((await nextId(directory)) > GIVEN);
  });
}

test('AB09 an import of known accounts still skips the ids of the source', async (t) => {
  const { directory, source, importAgain } = await place(t, [user(1), user(2)]);
  await importAgain();
  source.exec(`update sqlite_sequence set seq = ${GIVEN}`);
  const again = JSON.parse((await importAgain('--json')).stdout);
  assert.deepEqual([again.imported, again.present], [0, 2]);
  assert.equal(await nextId(directory), GIVEN + 1);
});

test('AB09 a sequence or --ids-above sets the next id without a gap', async (t) => {
  const { directory, source, importAgain } = await place(t, [user(1), user(7)]);
  assert.match((await importAgain()).stdout, /^2 accounts of [^\n]+\n$/);
  source.exec('create table old as select * from auth_user');
  const old = ['--table', 'old', '--ids-above'];
  assert.equal((await importAgain(...old, 'ten')).code, 2);
  // A value below the highest id that was read changes nothing.
  for (const [stated, floor] of [
    ['3', 7],
    ['20', 20],
  ] as const)
    assert.equal(JSON.parse((await importAgain(...old, stated, '--json')).stdout).ids_above, floor);
  assert.equal(await nextId(directory), 21);
});

test('AB09 an import that would leave no free ids is refused', async (t) => {
  const { source, importAgain } = await place(t, [user(1)]);
  source.exec('update sqlite_sequence set seq = 9007199254740993');
  const asked = await importAgain();
  assert.equal(asked.code, 1);
  assert.match(asked.stderr, /ids up to 90\d+, .*--ids-above/);
  assert.equal(JSON.parse((await importAgain('--ids-above', '1', '--json')).stdout).imported, 1);
});

const csv = (rows: readonly string[]) => ['id,email,password_hash', ...rows].join('\n');

test('AB09 a CSV file does not tell which ids were deleted: a million ids are skipped', async (t) => {
  const directory = await workDirectory(t);
  await writeFile(
    join(directory, 'u.csv'),
    csv([`1,${email(1)},${HASH}`, `${GIVEN},${email(GIVEN)},md5$a$b`, `,new@example.com,${HASH}`]),
  );
  const run = (...more: string[]) => runCommand(directory, ['import', 'csv', 'u.csv', ...more]);
  const done = await run('--skip-faulty');
  assert.match(done.stdout, /New accounts get ids above 1000035: .*--ids-above NUMBER/);
  const { stdout } = await runCommand(directory, ['user', 'show', 'new@example.com', '--json']);
  assert.equal(JSON.parse(stdout).id, 1_000_036);
  assert.equal(await nextId(directory), 1_000_037);
  const again = JSON.parse((await run('--skip-faulty', '--json')).stdout);
  assert.deepEqual([again.imported, again.present, again.ids_counted], [0, 2, false]);
});

test('AB09 a source without ids skips none', async (t) => {
  const directory = await workDirectory(t);
  await writeFile(join(directory, 'u.csv'), `email,password_hash\n${email(1)},${HASH}\n`);
  const done = await runCommand(directory, ['import', 'csv', 'u.csv']);
  assert.match(done.stdout, /^1 account of u\.csv was imported into [^\n]+\n$/);
  assert.equal(await nextId(directory), 2);
});

test('AB09 a dump skips ids of faulty rows and of tokens, and a million more', async (t) => {
  const directory = await workDirectory(t);
  const entry = (pk: number, password = HASH) => ({
    model: 'auth.user',
    pk,
    fields: { email: email(pk), password },
  });
  const token = {
    model: 'token_blacklist.outstandingtoken',
    pk: 1,
    fields: { user: null, jti: 'x', token: refreshToken(GIVEN) },
  };
  const dump = [entry(1), entry(30, 'md5$a$b'), token];
  await writeFile(join(directory, 'd.json'), JSON.stringify(dump));
  const run = async (...more: string[]) => {
    const args = ['import', 'django', '--from-json', 'd.json', '--skip-faulty', '--json', ...more];
    return JSON.parse((await runCommand(directory, args)).stdout).ids_above;
  };
  assert.equal(await run('--dry-run'), 1_000_000 + GIVEN);
  assert.equal(await run('--ids-above', '31'), GIVEN);
  assert.equal(await nextId(directory), GIVEN + 1);
});

test(
  'AB09 ids stay assigned in a copy and in a restored backup',
  SQLITE_ONLY,
  async (t: TestContext) => {
    const { directory, source, importAgain } = await place(t, [user(1)]);
    source.exec(`update sqlite_sequence set seq = ${GIVEN}`);
    await importAgain();
    const copy = ['db', 'copy', '--from', 'sqlite:./data/gatepass.db', '--to', 'sqlite:./copy.db'];
    assert.equal((await runCommand(directory, copy)).code, 0);
    assert.equal(await nextId(directory, { GATEPASS_DATABASE_URL: 'sqlite:./copy.db' }), GIVEN + 1);
    await runCommand(directory, ['db', 'backup', 'b.db']);
    await runCommand(directory, ['db', 'restore', 'b.db', '--yes']);
    assert.equal(await nextId(directory), GIVEN + 1);
  },
);

test(
  'AB09 restoring over another installation skips the ids that it assigned',
  SQLITE_ONLY,
  async (t) => {
    const directory = await workDirectory(t);
    const other = { GATEPASS_DATABASE_URL: 'sqlite:./other.db' };
    await nextId(directory);
    await runCommand(directory, ['db', 'backup', 'b.db']);
    await nextId(directory, other);
    const database = new DatabaseSync(join(directory, 'other.db'));
    database.exec(`update sqlite_sequence set seq = 5000000 where name = 'users'`);
    database.close();
    const restore = ['db', 'restore', 'b.db', '--yes', '--force'];
    assert.equal((await runCommand(directory, restore, '', other)).code, 0);
    const args = ['user', 'create', 'third@example.com', '--json'];
    const { stdout } = await runCommand(directory, args, PASSWORD, other);
    assert.equal(JSON.parse(stdout).id, 5_000_001);
  },
);
