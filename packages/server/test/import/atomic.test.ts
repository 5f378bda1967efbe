/** Everything or nothing: an interrupted import leaves no part of itself. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { runCommand } from '../support/command.ts';
import { workDirectory } from '../support/process.ts';
import { HASH, listed, PASSWORD, place } from './support/place.ts';

const crowd = (size: number) =>
  Array.from({ length: size }, (_, i) => ({ id: i + 1, email: `user${i}@example.com` }));

const SOURCE = join(import.meta.dirname, '../../src');

/** An import that is stopped by `accident` when 1,000 of 2,000 accounts are written. */
const interrupted = (accident: string) => `
  import { writeFileSync } from 'node:fs';
  import { createContext } from '${SOURCE}/cli/context.ts';
  import { openSqliteSource } from '${SOURCE}/import/sqlite-source.ts';
  import { readDjango } from '${SOURCE}/import/django-tables.ts';
  await createContext(process).withAccounts(async ({ importer, users }) => {
    const source = openSqliteSource('django.sqlite3');
    const contents = await readDjango(source, { email: 'email' }, Date.now());
    const plan = await importer.plan(contents);
    await source.close();
    const reached = () => writeFileSync('reached', '');
    const before = async () => { ${accident.startsWith('before:') ? accident.slice(7) : ''} };
    await before();
    await importer.carryOut(plan, { actor: 'operator' }, (count) => {
      if (count === 1000) { reached(); ${accident.startsWith('before:') ? '' : accident} }
    });
  });`;

const ACCIDENTS = {
  'a kill -9': "process.kill(process.pid, 'SIGKILL')",
  'an exception': "throw new Error('planted')",
  'a registration that takes an address meanwhile':
    "before:await users.register('user1999@example.com', 'correct horse 9 battery', {}); reached()",
} as const;

for (const [name, accident] of Object.entries(ACCIDENTS)) {
  test(`${name} leaves nothing of an import, which can be repeated`, async (t) => {
    const { directory, importAgain } = await place(t, crowd(2000));
    await writeFile(join(directory, 'interrupted.mjs'), interrupted(accident));
    const options = { cwd: directory, stdio: 'ignore' } as const;
    const child = spawn(process.execPath, ['interrupted.mjs'], options);
    const [code, signal] = await once(child, 'exit');
    assert.notEqual(code ?? signal, 0);
    assert.ok(existsSync(join(directory, 'reached')));
    const left = await listed(directory);
    const isRegistration = name.startsWith('a registration');
    assert.deepEqual(
      left.map(({ email }) => email),
      isRegistration ? ['user1999@example.com'] : [],
    );
    if (isRegistration) await runCommand(directory, ['user', 'delete', 'user1999@example.com']);
    const again = await importAgain('--json');
    // A new account never gets the id of a deleted one, but an import may bring that id.
    assert.equal(JSON.parse(again.stdout).imported, 2000, again.stderr);
  });
}

test('more accounts than one statement takes are imported', async (t) => {
  const { directory, importAgain } = await place(t, crowd(3000));
  const begin = performance.now();
  const done = await importAgain('--json');
  const seconds = (performance.now() - begin) / 1000;
  assert.equal(JSON.parse(done.stdout).imported, 3000, done.stderr);
  t.diagnostic(`${seconds} s`);
  const database = new DatabaseSync(join(directory, 'data/gatepass.db'), { readOnly: true });
  t.after(() => database.close());
  const counted = database.prepare('select count(*) as count, max(id) as top from users').get();
  assert.deepEqual({ ...counted }, { count: 3000, top: 3000 });
});

test('accounts without an id get ids that no row has', async (t) => {
  const directory = await workDirectory(t);
  const rows = [`b@example.com,${HASH},`, `a@example.com,${HASH},1`, `c@example.com,${HASH},7`];
  await writeFile(
    join(directory, 'u.csv'),
    ['email,password_hash,id', ...rows, `d@example.com,${HASH},`].join('\n'),
  );
  const importCsv = () =>
    runCommand(directory, ['import', 'csv', 'u.csv', '--ids-above', '7', '--json']);
  assert.equal(JSON.parse((await importCsv()).stdout).imported, 4);
  const ids = (await listed(directory)).map(({ id, email }) => `${id} ${email}`);
  assert.deepEqual(ids, [
    '1 a@example.com',
    '7 c@example.com',
    '8 b@example.com',
    '9 d@example.com',
  ]);
  assert.equal(JSON.parse((await importCsv()).stdout).present, 4);
});

test('is_active: empty counts as true, and anything but true or false is a fault', async (t) => {
  const directory = await workDirectory(t);
  const states = ['', 'True', 't', '1', 'false', 'F', '0', 'banana'];
  const rows = states.map((state, i) => `user${i}@example.com,${HASH},${state}`);
  await writeFile(join(directory, 'u.csv'), ['email,password_hash,is_active', ...rows].join('\n'));
  const { stdout } = await runCommand(directory, [
    'import',
    'csv',
    'u.csv',
    '--skip-faulty',
    '--json',
  ]);
  const [fault, ...more] = JSON.parse(stdout).faults;
  assert.deepEqual(
    [fault, more],
    [{ place: 'line 9', email: 'user7@example.com', code: 'invalid_state' }, []],
  );
  assert.deepEqual(
    (await listed(directory)).map(({ is_active }) => is_active),
    [true, true, true, true, false, false, false],
  );
});

test('the users of a dump are found by model or table, and one of several must be named', async (t) => {
  const directory = await workDirectory(t);
  const entry = (model: string) => ({
    model,
    pk: 3,
    fields: { email: 'alice@example.com', password: HASH },
  });
  const dump = (...models: string[]) =>
    writeFile(join(directory, 'd.json'), JSON.stringify(models.map(entry)));
  const plan = (...more: string[]) =>
    runCommand(directory, ['import', 'django', '--from-json', 'd.json', '--dry-run', ...more]);
  await dump('my_app.user');
  for (const more of [[], ['--table', 'my_app.User'], ['--table', 'my_app_user']])
    assert.match(
      (await plan(...more)).stdout,
      /^1 account of my_app\.user would be imported into /,
      more.join(' '),
    );
  assert.match((await plan('--table', 'auth.user')).stderr, /Models there: my_app\.user/);
  await dump('my_app.user', 'crm.contact');
  assert.match((await plan()).stderr, /my_app\.user, crm\.contact\. Name one with --table/);
});

test('an id that leaves no room for later ids is a fault, and a locked database is one sentence', async (t) => {
  const { source, importAgain } = await place(t, []);
  const ids = ['9007199254740995', '9007199254740991', '-1'];
  for (const id of ids)
    source.exec(`insert into auth_user values (${id}, '!', null, 'a${id}@example.com', 1, null)`);
  const { faults } = JSON.parse((await importAgain('--json')).stdout);
  assert.deepEqual(
    faults.map(({ place, code }: { place: string; code: string }) => [place, code]).sort(),
    ids.map((id) => [`id ${id}`, 'invalid_id']).sort(),
  );
  source.exec('begin exclusive');
  const locked = await importAgain();
  assert.equal(locked.stderr, 'django.sqlite3: database is locked\n');
  assert.equal(locked.code, 1);
});

test('an import does not change an existing account with the same address', async (t) => {
  const { directory, importAgain } = await place(t, [{ id: 1, email: 'alice@example.com' }]);
  await runCommand(directory, ['user', 'create', 'Alice@example.com'], PASSWORD);
  const [before] = await listed(directory);
  assert.equal(JSON.parse((await importAgain('--json')).stdout).present, 1);
  assert.deepEqual(await listed(directory), [before]);
});
