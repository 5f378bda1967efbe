/** Backups under load, and files that are refused as backups (ST17). */
import assert from 'node:assert/strict';
import { cp, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { post } from '../support/process.ts';
import { PASSWORD } from '../support/service.ts';
import { until } from '../support/until.ts';
import { createPlace, logIn, type Place, register } from './support/place.ts';

test('ST17 a backup during registrations contains everything acknowledged before it began', async (t) => {
  const place = await createPlace(t);
  const server = await place.startProcess();
  const acknowledged: string[] = [];
  let isOver = false;
  let count = 0;
  const client = async () => {
    while (!isOver) {
      const email = `user${count++}@example.com`;
      const answer = await post(server.url, '/api/users', { email, password: PASSWORD });
      if (answer?.status === 201) acknowledged.push(email);
    }
  };
  const clients = [client(), client(), client()];
  await until('some are registered', () => acknowledged.length >= 5);
  const backup = `${place.directory}/backup.db`;
  let before: string[] = [];
  let made = { rows: { users: 0 }, bytes: 0 };
  await until('an account is registered during a backup', async () => {
    before = [...acknowledged];
    made = await place.json('db', 'backup', backup, '--force');
    assert.ok(made.rows.users >= before.length);
    return acknowledged.length > before.length;
  });
  isOver = true;
  await Promise.all(clients);
  assert.equal(made.bytes, (await stat(backup)).size);
  assert.deepEqual(
    (await readdir(place.directory)).filter((name) => name.startsWith('backup')),
    ['backup.db'],
  );

  const again = await place.run('db', 'backup', backup);
  assert.equal(again.code, 4);
  assert.match(again.stderr, /backup\.db exists\. .*--force/);
  assert.equal(
    (await place.json('db', 'backup', backup, '--force')).rows.users,
    acknowledged.length,
  );

  const elsewhere = await createPlace(t);
  await elsewhere.json('db', 'restore', backup, '--yes');
  const other = await elsewhere.start();
  for (const email of before.slice(-5)) await logIn(other, email);
});

test('a backup into a missing directory, or of a missing database, fails with one sentence', async (t) => {
  const place = await createPlace(t);
  const nothing = await place.run('db', 'backup', 'x.db');
  assert.equal(nothing.code, 5);
  assert.match(nothing.stderr, /there is no database/);
  await place.json('db', 'migrate');
  const nowhere = await place.run('db', 'backup', 'nowhere/x.db');
  assert.equal(nowhere.code, 3);
  assert.equal(nowhere.stderr, 'There is no directory nowhere.\n');
});

async function placeWithBackup(t: TestContext) {
  const place = await createPlace(t);
  const server = await place.startProcess();
  await register(server, 'one@example.com');
  await logIn(server, 'one@example.com');
  const backup = `${place.directory}/backup.db`;
  await place.json('db', 'backup', backup);
  return { place, server, backup };
}

const alter = (path: string, statement: string) => {
  const sqlite = new DatabaseSync(path);
  sqlite.exec(statement);
  sqlite.close();
};

/** The refusal, after which nothing has changed. */
async function refusal(place: Place, backup: string) {
  const before = await readFile(place.database);
  const { code, stderr, stdout } = await place.run('db', 'restore', backup, '--yes');
  assert.equal(stdout, '');
  assert.doesNotMatch(stderr, /\n\s+at /);
  assert.deepEqual(await readFile(place.database), before);
  assert.deepEqual((await readdir(`${place.directory}/data`)).sort(), ['gatepass.db']);
  return { code, says: stderr };
}

test('db verify checks a backup in place, beside a running server, and writes nothing', async (t) => {
  const { place, backup } = await placeWithBackup(t);
  const state = async () => [
    await readdir(place.directory),
    (await stat(backup, { bigint: true })).mtimeNs,
    await readFile(backup),
  ];
  const before = await state();
  const { code, stdout, stderr } = await place.run('db', 'verify', backup, 'none.db', backup);
  assert.match(stdout, /^(.*backup\.db is a sound backup of \S+Z with 1 account, made by.*\n){2}$/);
  assert.match(stderr, /^There is no file none\.db\.\n1 of 3 could not be done\.\n$/);
  assert.equal(code, 3);
  const { rows } = await place.json('db', 'verify', backup);
  assert.deepEqual([rows.users, rows.sessions], [1, 1]);
  assert.deepEqual(await state(), before);
});

test('a file that is not a backup is refused, and the message says what it is', async (t) => {
  const { place, server, backup } = await placeWithBackup(t);
  const inUse = await place.run('db', 'restore', backup, '--yes');
  assert.equal(inUse.code, 4);
  assert.match(inUse.stderr, /is in use\. Stop every server/);
  await cp(place.database, `${place.directory}/raw.db`);
  await server.stop();
  await cp(place.database, `${place.directory}/stopped.db`);

  const bytes = await readFile(backup);
  const at = (name: string) => `${place.directory}/${name}`;
  await writeFile(
    at('text.db'),
    'not a database, but longer than a header of one would have to be\n'.repeat(9),
  );
  await writeFile(at('empty.db'), '');
  await writeFile(at('half.db'), bytes.subarray(0, bytes.length / 2));
  const hash = bytes.indexOf('$argon2id$');
  assert.ok(hash > 0);
  const bit = Buffer.from(bytes);
  bit.writeUInt8(bit.readUInt8(hash + 40) ^ 1, hash + 40);
  await writeFile(at('bit.db'), bit);
  await writeFile(at('stranger.db'), '');
  alter(at('stranger.db'), 'CREATE TABLE songs (id INTEGER PRIMARY KEY)');
  for (const name of ['newer.db', 'missing-row.db']) await writeFile(at(name), bytes);
  alter(at('newer.db'), "INSERT INTO gatepass_migration VALUES ('999-of-tomorrow', 0)");
  alter(at('missing-row.db'), 'DELETE FROM sessions');

  const cases: Record<string, { code: number; says: RegExp }> = {
    'none.db': { code: 3, says: /There is no file/ },
    'text.db': { code: 1, says: /is not a valid backup: .*not a database/ },
    'empty.db': { code: 4, says: /is not a backup of Gatepass/ },
    'half.db': { code: 1, says: /is not a valid backup/ },
    'bit.db': { code: 1, says: /is not a valid backup: users is not what was backed up/ },
    'missing-row.db': { code: 1, says: /sessions is not what was backed up/ },
    'stranger.db': { code: 4, says: /is not a backup of Gatepass/ },
    'raw.db': { code: 4, says: /a copy of a database file, not a backup.*gatepass db backup/ },
    'stopped.db': { code: 4, says: /a copy of a database file, not a backup/ },
    'newer.db': { code: 5, says: /newer than this one\. Restore it with that version/ },
  };
  for (const [name, { code, says }] of Object.entries(cases)) {
    const refused = await refusal(place, at(name));
    assert.doesNotMatch(refused.says, /\.restoring/, name);
    const verified = await place.run('db', 'verify', at(name));
    assert.deepEqual({ code: verified.code, says: verified.stderr }, refused, name);
    assert.match(refused.says, says, name);
    assert.equal(refused.code, code, `${name}: ${refused.says}`);
  }
  const unasked = await place.run('db', 'restore', backup);
  assert.equal(unasked.code, 2);
  assert.match(unasked.stderr, /holds 1 account\b.*\n.*use --yes/);
  const dry = await place.json('db', 'restore', backup, '--dry-run');
  assert.deepEqual([dry.restored, dry.present.accounts], [false, 1]);
  assert.equal((await place.json('db', 'restore', backup, '--yes')).restored, true);
});

test('restore --force replaces a damaged database and keeps the old file', async (t) => {
  const { place, server, backup } = await placeWithBackup(t);
  await server.stop();
  await writeFile(place.database, 'rubbish '.repeat(1000));
  const refused = await refusal(place, backup);
  assert.equal(refused.code, 4);
  assert.match(refused.says, /cannot be read.*Stop every server, then use --force/);
  const { former, present } = await place.json('db', 'restore', backup, '--yes', '--force');
  assert.equal(present.state, 'unreadable');
  assert.match(await readFile(`${place.directory}/${former}`, 'utf8'), /^rubbish/);
  const again = await place.start();
  await logIn(again, 'one@example.com');
});

test('ST17 a copy of the file alone, taken from a running server, is recognised as incomplete', async (t) => {
  const { place, server } = await placeWithBackup(t);
  const check = async (copy: (to: string) => Promise<unknown>) => {
    const elsewhere = await createPlace(t);
    await mkdir(`${elsewhere.directory}/data`);
    await copy(elsewhere.database);
    const first = await elsewhere.run('db', 'check');
    const second = await elsewhere.run('db', 'check');
    assert.deepEqual(second, first, 'the first look changed what the second one sees');
    return { ...first, elsewhere };
  };
  const raw = await check((to) => cp(place.database, to));
  assert.equal(raw.code, 1);
  assert.match(raw.stdout, /gatepass\.db-wal that belongs to it is missing/);
  const warned = await raw.elsewhere.startProcess();
  assert.match(warned.log.join('\n'), /"level":"warn".*-wal that belongs to it is missing/);
  await warned.stop();
  assert.equal((await raw.elsewhere.run('db', 'check')).code, 0, 'a server has taken it over');

  server.child.kill('SIGKILL');
  await server.exited;
  const crashed = await check(async (to) => {
    await cp(place.database, to);
    await cp(`${place.database}-wal`, `${to}-wal`);
  });
  assert.equal(crashed.code, 0, crashed.stdout);
  await (await place.start()).stop();
  assert.equal((await check((to) => cp(place.database, to))).code, 0);
});
