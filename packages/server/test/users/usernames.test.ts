/** Usernames: a second name to log in with, where the operator wants it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseUsername } from '../../src/users/username.ts';
import { failures } from '../support/audit.ts';
import { runCommand } from '../support/command.ts';
import { databaseOf, workDirectory } from '../support/databases.ts';
import { claimsOf, PASSWORD, startService } from '../support/service.ts';

const BOTH = { GATEPASS_LOGIN_FIELDS: 'email,username' };
const ALICE = { email: 'alice@example.com', username: 'Ålice.1', password: PASSWORD };
const FAILED = { detail: 'No active account found with the given credentials' };

test('a username logs in, in either field and any spelling, and is shown as typed', async (t) => {
  const service = await startService(t, { ...BOTH, GATEPASS_TOKEN_RESPONSE_USER: 'true' });
  const account = { id: 1, email: ALICE.email, username: 'Ålice.1' };
  assert.deepEqual((await service.post('/api/users', ALICE)).body, account);
  for (const name of ['Ålice.1', 'ålice.1', ' ÅLICE.1 ', 'A\u030Alice.1', 'ålice．１']) {
    for (const field of ['username', 'email']) {
      const login = await service.post('/api/token', { [field]: name, password: PASSWORD });
      assert.equal(login.status, 200, `${field} ${name} ${login.text}`);
      assert.deepEqual(login.body.user, account);
    }
  }
  const { access } = (await service.login()).body;
  assert.deepEqual((await service.me(access)).body, account);
  assert.equal(JSON.stringify(claimsOf(access)).includes('lice'), false, 'no token says it');
});

test('an unknown or invalid username fails like a wrong password, after one hash', async (t) => {
  const service = await startService(t, BOTH);
  await service.post('/api/users', ALICE);
  await service.register('bob@example.com');
  const tries = ['nobody', 'ålice.1', 'a b', '-', 'x'.repeat(700), 'bob', 'bob@', '\u3164'];
  for (const username of tries) {
    const login = await service.post('/api/token', { username, password: 'granite otter 41' });
    assert.deepEqual([login.status, login.body], [401, FAILED], username);
  }
  const reasons = (await failures(service, tries.length)).map(
    ({ details }) => JSON.parse(details).reason,
  );
  assert.equal(reasons.filter((reason) => reason === 'wrong_password').length, 1);
  assert.equal(reasons.filter((reason) => reason === 'unknown_account').length, tries.length - 1);
});

test('fields are checked as usual, and the address counts if both are sent', async (t) => {
  const service = await startService(t, BOTH);
  await service.post('/api/users', ALICE);
  const cases: [body: object, faults: object][] = [
    [{}, { email: ['This field is required.'], password: ['This field is required.'] }],
    [{ password: 'x' }, { email: ['This field is required.'] }],
    [{ username: '', password: 'x' }, { username: ['This field may not be blank.'] }],
    [{ username: 7, password: 'x' }, { username: ['Not a valid string.'] }],
    [{ username: 'a' }, { password: ['This field is required.'] }],
  ];
  for (const [body, faults] of cases) {
    const answer = await service.post('/api/token', body);
    assert.deepEqual([answer.status, answer.body], [400, faults], JSON.stringify(body));
  }
  const both = { email: 'nobody@example.com', username: ALICE.username, password: PASSWORD };
  assert.equal((await service.post('/api/token', both)).status, 401);
  const form = {
    method: 'POST',
    body: new URLSearchParams({ username: 'ålice.1', password: PASSWORD }),
  };
  assert.equal((await service.send('/api/token', form)).status, 200);
});

test('registration refuses names that are taken in another spelling, look like an address or like an id', async (t) => {
  const service = await startService(t, BOTH);
  await service.post('/api/users', ALICE);
  const faultsOf = async (username: unknown) => {
    const body = { email: 'bob@example.com', username, password: PASSWORD };
    const { status, body: faults } = await service.post('/api/users', body);
    assert.equal(status, 400, String(username));
    return faults.username;
  };
  const TAKEN = ['A user with that username already exists.'];
  for (const name of ['ålice.1', 'ÅLICE.1', 'ålice．1'])
    assert.deepEqual(await faultsOf(name), TAKEN);
  const id = '01890a5d-ac96-774b-bcce-b302099a8057';
  for (const name of ['alice@example.com', 'a b', 'a\u200bb', '17', id, 'x'.repeat(151), '日@本'])
    assert.match((await faultsOf(name))[0], /^Enter a valid username/);
  assert.deepEqual(await faultsOf(null), ['This field may not be null.']);
  const without = await service.register('bob@example.com');
  assert.deepEqual(without.body, { id: 2, email: 'bob@example.com' });
});

test('a password may not resemble the username', async (t) => {
  const service = await startService(t, BOTH);
  const account = { email: 'a@example.com', username: 'granite.otter', password: 'Granite0tter!' };
  const refused = await service.post('/api/users', account);
  assert.deepEqual(refused.body, { password: ['The password is too similar to the username.'] });
});

test('by default a username in a request is ignored', async (t) => {
  const service = await startService(t);
  const registered = await service.post('/api/users', ALICE);
  assert.deepEqual(registered.body, { id: 1, email: ALICE.email });
  const login = await service.post('/api/token', { username: 'ålice.1', password: PASSWORD });
  assert.deepEqual([login.status, login.body], [400, { email: ['This field is required.'] }]);
});

test('attempts under a username and its address are counted separately and unlocked together', async (t) => {
  const directory = await workDirectory(t);
  const service = await startService(t, {
    ...BOTH,
    GATEPASS_DATABASE_URL: await databaseOf(directory),
    GATEPASS_RATE_LIMITS: 'on',
    GATEPASS_LIMITS: 'login-account=3/15m',
  });
  await service.post('/api/users', ALICE);
  const attempt = async (name: string, password = 'granite otter 41') =>
    (await service.post('/api/token', { username: name, password })).status;
  const exhaust = async (...spellings: string[]) => {
    for (const name of spellings) assert.equal(await attempt(name), 401, name);
    assert.equal(await attempt(spellings[0] ?? '', PASSWORD), 429);
  };
  await exhaust('ålice.1', 'ÅLICE.1', 'A\u030Alice.1');
  await exhaust('nobody', 'Nobody', 'NOBODY');
  assert.equal(await attempt(ALICE.email), 401, 'the address does not tell whose name it is');
  const done = await runCommand(directory, ['user', 'unlock', 'ålice.1'], '', BOTH);
  assert.equal(done.code, 0, done.stderr);
  assert.equal(await attempt('ålice.1', PASSWORD), 200);
});

test('the command line accepts usernames, and sets and removes them', async (t) => {
  const directory = await workDirectory(t);
  const gatepass = (...args: string[]) => runCommand(directory, ['user', ...args], '');
  for (const email of ['alice@example.com', 'bob@example.com'])
    await runCommand(directory, ['user', 'create', email], PASSWORD);
  const set = await gatepass('set-username', 'alice@example.com', 'Alice');
  assert.equal(set.stdout, 'alice@example.com is Alice.\n', set.stderr);
  const shown = JSON.parse((await gatepass('show', 'ALICE', '--json')).stdout);
  assert.deepEqual([shown.id, shown.username], [1, 'Alice']);
  const found = await gatepass('list', '--search', 'LIC', '--json');
  assert.equal(JSON.parse(found.stdout).username, 'Alice');
  for (const [args, code, says] of [
    [['set-username', '2', 'alice'], 4, /already exists/],
    [['set-username', '2', 'alice@example.com'], 4, /valid username/],
    [['set-username', '2'], 2, /--remove/],
    [['set-username', 'carol', 'c'], 3, /No user has the username "carol"/],
  ] as const) {
    const refused = await gatepass(...args);
    assert.equal(refused.code, code, refused.stderr);
    assert.match(refused.stderr, says);
  }
  assert.equal((await gatepass('set-username', 'alice', '--remove')).code, 0);
  assert.equal((await gatepass('show', 'alice')).code, 3);
});

test('two spellings of a username have one canonical form', () => {
  for (const [text, canonical] of [
    ['Alice', 'alice'],
    ['K', 'k'],
    ['ﬁne', 'fine'],
    ['İ', 'i̇'],
    ['x'.repeat(150), 'x'.repeat(150)],
  ] as const)
    assert.equal(parseUsername(text)?.canonical, canonical, text);
  for (const text of [
    '',
    ' ',
    'a b',
    'a@b',
    'a\0',
    'ﷺ'.repeat(150),
    'x'.repeat(151),
    '\ud800',
    'a\u034f',
  ])
    assert.equal(parseUsername(text), undefined, JSON.stringify(text));
});
