/** Accounts and their sessions at the command line: found, named, changed, several at once. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { runCommand } from './support/command.ts';
import { newSharedDatabase, workDirectory } from './support/databases.ts';
import { PASSWORD, startService } from './support/service.ts';

const NAMES = ['Anna@one.example', 'ben@one.example', '100%@two.example', '100x@two.example'];

// The command line has the system's clock.
const TODAY = { now: Date.now, advance() {} };

async function workplace(t: TestContext, env: Record<string, string> = {}) {
  const directory = await workDirectory(t);
  const gatepass = (args: string[], stdin = '') => runCommand(directory, args, stdin, env);
  return {
    gatepass,
    create: async (...emails: string[]) => {
      const passwords = emails.map(() => PASSWORD).join('\n');
      const { code, stderr } = await gatepass(['user', 'create', ...emails], passwords);
      assert.equal(code, 0, stderr);
    },
    ids: async (...options: string[]) => {
      const { code, stdout, stderr } = await gatepass(['user', 'list', '--json', ...options]);
      assert.equal(code, 0, stderr);
      const lines = stdout.split('\n').filter((line) => line !== '');
      return { ids: lines.map((line) => JSON.parse(line).id), stderr };
    },
  };
}

test('user list searches, filters and goes page by page', async (t) => {
  const { gatepass, create, ids } = await workplace(t);
  await create(...NAMES);
  await gatepass(['user', 'disable', '2', '3']);
  const cases: [string[], number[]][] = [
    [[], [1, 2, 3, 4]],
    [['--search', 'ANNA'], [1]],
    [
      ['--search', '@two.'],
      [3, 4],
    ],
    [['--search', '0%'], [3]],
    [['--search', '_'], []],
    [['--search', '!'], []],
    [
      ['--status', 'active'],
      [1, 4],
    ],
    [['--status', 'disabled', '--search', 'one'], [2]],
    [
      ['--status', 'unverified'],
      [1, 2, 3, 4],
    ],
    [
      ['--after', '2'],
      [3, 4],
    ],
    [
      ['--limit', '4'],
      [1, 2, 3, 4],
    ],
  ];
  for (const [options, expected] of cases) {
    const found = await ids(...options);
    assert.deepEqual(found, { ids: expected, stderr: '' }, options.join(' '));
  }
  const first = await ids('--search', "0% it's", '--limit', '1');
  assert.deepEqual(first, { ids: [], stderr: '' });
  const page = await ids('--search', 'example', '--status', 'active', '--limit', '1');
  assert.deepEqual(page, {
    ids: [1],
    stderr: 'More: gatepass user list --search example --status active --limit 1 --after 1\n',
  });
  for (const wrong of [
    ['--limit', '0'],
    ['--limit', 'x'],
    ['--after', '-1'],
    ['--status', 'gone'],
  ])
    assert.equal((await gatepass(['user', 'list', ...wrong])).code, 2, wrong.join(' '));
});

test('the next page is a command to paste, whatever is searched for', async (t) => {
  const { create, ids } = await workplace(t);
  await create("o'neil@one.example", "o'brien@one.example");
  const { stderr } = await ids('--search', "o'", '--limit', '1');
  assert.equal(stderr, `More: gatepass user list --search 'o'\\''' --limit 1 --after 1\n`);
});

test('user list finds usernames and continues after a printed id', async (t) => {
  const { gatepass, create, ids } = await workplace(t, { GATEPASS_USER_IDS: 'uuid' });
  await create('a@one.example', 'b@one.example', 'c@one.example');
  const { ids: all } = await ids();
  assert.match(all[0], /^[0-9a-f-]{36}$/);
  assert.equal((await gatepass(['user', 'set-username', all[1], 'Zoe'])).code, 0);
  assert.deepEqual((await ids('--search', 'ZO')).ids, [all[1]]);
  assert.deepEqual((await ids('--after', all[1])).ids, [all[2]]);
  const { stderr } = await ids('--limit', '2');
  const [, ...next] = /gatepass user list (--limit) (\d+) (--after) (\S+)\n/.exec(stderr) ?? [];
  assert.deepEqual((await ids(...next)).ids, [all[2]]);
});

test('commands take several addresses and ids, and a failure does not stop the others', async (t) => {
  const { gatepass, create } = await workplace(t);
  await create(...NAMES);
  const each: [string, RegExp][] = [
    ['show', /^ +1 .*Anna@one\.example\n +2 .*\n$/],
    ['disable', /^Disabled Anna@one\.example\.\nDisabled ben@one\.example\.\n$/],
    ['disable', /^Already disabled: Anna@one\.example\.\nAlready disabled: ben@/],
    ['enable', /^Enabled Anna@one\.example\.\nEnabled ben@one\.example\.\n$/],
    ['unlock', /^Unlocked Anna@one\.example\.\nUnlocked ben@one\.example\.\n$/],
    ['delete', /^Deleted user 1, Anna@one\.example\.\nDeleted user 2, ben@one\.example\.\n$/],
  ];
  for (const [verb, says] of each) {
    const some = await gatepass(['user', verb, 'anna@ONE.example', '77', 'x@y.example', '2']);
    assert.equal(some.code, 3, `${verb}: ${some.stderr}`);
    assert.match(some.stdout, says);
    assert.match(
      some.stderr,
      /^No user has the id "77".*\nNo user has the address "x@y\.example".*\n2 of 4 could not be done\.\n$/,
    );
    const one = await gatepass(['user', verb, '4', '--json']);
    assert.equal(one.code, 0, one.stderr);
    assert.equal(JSON.parse(one.stdout).id, 4);
    if (verb === 'delete') assert.equal((await gatepass(['user', verb, '4'])).code, 3);
  }
  const events = await gatepass(['audit', 'list', '--event', 'user.disable', '--json']);
  assert.equal(events.stdout.trim().split('\n').length, 3, 'nothing happened the second time');
});

test('a pipe gives the passwords of several accounts, one per line', async (t) => {
  const { gatepass, create } = await workplace(t);
  await create('a@one.example', 'b@one.example');
  const few = await gatepass(['user', 'set-password', '1', '2'], PASSWORD);
  assert.equal(few.code, 2);
  assert.match(few.stderr, /2 passwords, one per line; it has 1 line\./);
  const mixed = await gatepass(['user', 'set-password', '1', '9', '2'], `x\n\n${PASSWORD}\r\n`);
  assert.equal(mixed.code, 4);
  assert.equal(mixed.stdout, 'Changed the password of b@one.example.\n');
  assert.match(
    mixed.stderr,
    /too short[\s\S]*No user has the id "9"[\s\S]*2 of 3 could not be done/,
  );
});

test('session list and end take addresses and ids, several accounts or several sessions', async (t) => {
  const url = await newSharedDatabase(t);
  const service = await startService(t, { GATEPASS_DATABASE_URL: url }, { clock: TODAY });
  const { gatepass } = await workplace(t, { GATEPASS_DATABASE_URL: url });
  for (const email of ['a@one.example', 'b@one.example']) {
    await service.register(email);
    for (let i = 0; i < 3; i++) await service.login(email);
  }
  const listed = await gatepass(['session', 'list', '1', 'b@one.example', '--json']);
  const ids = listed.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).id);
  assert.equal(ids.length, 6);
  const two = await gatepass(['session', 'end', '1', '--', ids[0], 'none', ids[1]]);
  assert.equal(two.code, 3);
  assert.equal(two.stdout, 'Ended 1 session of a@one.example.\n'.repeat(2));
  assert.match(two.stderr, /no open session "none"/);
  const all = await gatepass(['session', 'end', 'a@one.example', '2', '--all']);
  assert.equal(all.code, 0, all.stderr);
  assert.equal(
    all.stdout,
    'Ended 1 session of a@one.example.\nEnded 3 sessions of b@one.example.\n',
  );
  assert.equal((await gatepass(['session', 'end', '1'])).code, 2);
});

test('user set-email changes the address and keeps sessions; a taken address is refused', async (t) => {
  const url = await newSharedDatabase(t);
  const service = await startService(t, { GATEPASS_DATABASE_URL: url }, { clock: TODAY });
  const { gatepass } = await workplace(t, { GATEPASS_DATABASE_URL: url });
  await service.register('old@one.example');
  await service.register('other@one.example');
  const { refresh } = (await service.login('old@one.example')).body;
  await gatepass(['user', 'disable', '2']);
  const taken = await gatepass(['user', 'set-email', '1', 'OTHER@one.example']);
  assert.deepEqual([taken.code, taken.stdout], [4, '']);
  assert.match(taken.stderr, /already exists/);
  assert.equal((await gatepass(['user', 'set-email', '1', 'nonsense'])).code, 4);
  assert.equal((await gatepass(['user', 'set-email', '9', 'new@one.example'])).code, 3);

  const done = await gatepass(['user', 'set-email', 'old@one.example', ' New@One.example ']);
  assert.equal(
    done.stdout,
    'Changed the address of user 1 from old@one.example to New@One.example.\n',
    done.stderr,
  );
  assert.equal((await service.login('old@one.example')).status, 401);
  assert.equal((await service.login('new@one.example')).status, 200);
  const { status, body } = await service.refresh(refresh);
  assert.equal(status, 200);
  const me = await service.me(body.access);
  assert.equal(me.body.email, 'New@One.example');
  const respelled = await gatepass(['user', 'set-email', '1', 'new@one.example', '--json']);
  assert.equal(JSON.parse(respelled.stdout).email, 'new@one.example');
  assert.equal((await gatepass(['user', 'set-email', '2', 'free@one.example'])).code, 0);
  const events = await gatepass(['audit', 'list', '--event', 'email.change', '--json']);
  assert.match(events.stdout, /"user_id":1,.*"actor":"operator"/);
});
