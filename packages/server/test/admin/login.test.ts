/** How an administrator logs in at the admin listener, and what ends that. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accountsOf } from '../security/support/accounts.ts';
import { runCommand } from '../support/command.ts';
import { databaseOf, workDirectory } from '../support/databases.ts';
import { PASSWORD, SECRET } from '../support/service.ts';
import { ADMIN, auditOf, startAdministration } from './support/administration.ts';

const HOUR = 3_600_000;
const OTHER = 'granite otter 41';
const FAILED = { detail: 'No active account found with the given credentials' };
const session = '/api/admin/session';

test('the token of a first start makes the first administrator, once', async (t) => {
  const admin = await startAdministration(t);
  const superseded = await admin.setUp();
  const token = await admin.setUp();
  const setUp = (body: object) => admin.ask('/api/admin/setup', { method: 'POST', body });
  const invalid = [400, { token: ['Invalid token for given user.'] }];
  const given = { email: ADMIN, password: PASSWORD };
  for (const wrong of [superseded, 'x', `${token}x`])
    assert.deepEqual(
      await setUp({ ...given, token: wrong }).then(({ status, body }) => [status, body]),
      invalid,
    );
  assert.deepEqual((await setUp({ token, password: PASSWORD })).body, {
    email: ['This field is required.'],
  });
  assert.equal((await setUp({ ...given, token, password: 'password' })).status, 400, 'rules hold');
  const done = await setUp({ ...given, token });
  assert.equal(done.status, 200, done.text);
  assert.equal(done.body.user.email, ADMIN);
  assert.equal((await admin.ask(session, {}, done.body.token)).status, 200);
  const again = await setUp({ token, email: 'eve@example.com', password: PASSWORD });
  assert.deepEqual([again.status, again.body], invalid);
  assert.equal(await admin.setUp(), undefined);
  assert.equal((await auditOf(admin, 'admin.grant')).length, 1);
});

test('a login ends after twelve hours, at a logout, a new password or a demotion', async (t) => {
  const admin = await startAdministration(t);
  const first = await admin.begin();
  const isOpen = async (token: string) => (await admin.ask(session, {}, token)).status === 200;
  const open = async () => (await admin.logIn()).body.token;
  assert.equal((await admin.ask(session, {}, first)).body.user.email, ADMIN);

  const out = await open();
  assert.equal((await admin.ask(session, { method: 'DELETE' }, out)).status, 204);
  assert.deepEqual([await isOpen(out), await isOpen(first)], [false, true]);

  admin.clock.advance(12 * HOUR - 1);
  assert.equal(await isOpen(first), true);
  admin.clock.advance(1);
  assert.equal(await isOpen(first), false);

  const before = await open();
  const { access } = (await admin.login(ADMIN)).body;
  const changed = await admin.post(
    '/api/users/me/password',
    { current_password: PASSWORD, new_password: OTHER },
    { authorization: `Bearer ${access}` },
  );
  assert.equal(changed.status, 200, changed.text);
  assert.equal(await isOpen(before), false, 'a new password ends it');
  const after = (await admin.logIn(ADMIN, OTHER)).body.token;
  assert.equal(await isOpen(after), true);
  await admin.database.transaction((tx) =>
    tx.db.updateTable('users').set({ is_admin: 0 }).execute(),
  );
  assert.equal(await isOpen(after), false, 'a demotion ends it at once');
  assert.equal((await admin.logIn(ADMIN, OTHER)).status, 401);
});

test('AD01 ending all sessions and a demotion end the logins of an administrator for good', async (t) => {
  const directory = await workDirectory(t);
  const env = { GATEPASS_DATABASE_URL: await databaseOf(directory), GATEPASS_SECRET: SECRET };
  const admin = await startAdministration(t, env);
  const first = await admin.begin();
  const { setAdmin } = await accountsOf(admin);
  await admin.register();
  await setAdmin(true, 'alice@example.com');
  const isOpen = async (token: string) => (await admin.ask(session, {}, token)).status === 200;
  const open = async () => (await admin.logIn('alice@example.com')).body.token;
  const bearer = async () => ({
    authorization: `Bearer ${(await admin.login()).body.access}`,
  });
  const endBy = (scope: string, headers: Record<string, string>) =>
    admin.send(`/api/sessions?scope=${scope}`, { method: 'DELETE', headers });

  const byUser = await open();
  const headers = await bearer();
  assert.equal((await endBy('others', headers)).status, 204);
  assert.equal(await isOpen(byUser), true, 'others of its kind end');
  assert.equal((await endBy('all', headers)).status, 204);
  assert.equal(await isOpen(byUser), false, 'its user ended all');

  const byAdmin = await open();
  const ended = await admin.ask('/api/admin/users/2/sessions', { method: 'DELETE' }, first);
  assert.equal(ended.status, 200, ended.text);
  assert.equal(await isOpen(byAdmin), false, 'another administrator ended all');

  const byOperator = await open();
  const end = ['session', 'end', '--all', 'alice@example.com'];
  assert.equal((await runCommand(directory, end, '', env)).code, 0);
  assert.equal(await isOpen(byOperator), false, 'the command line ended all');

  const demoted = await open();
  await setAdmin(false, 'alice@example.com');
  await setAdmin(true, 'alice@example.com');
  assert.equal(await isOpen(demoted), false, 'a new grant revives nothing');
  assert.equal(await isOpen(first), true, 'nothing of another account ends');
});

test('AD01 only an administrator’s login at the admin listener is accepted there, no other token', async (t) => {
  const admin = await startAdministration(t);
  await admin.begin();
  await admin.register();
  const pair = (await admin.login()).body;
  const own = (await admin.login(ADMIN)).body;
  const made = `gs_${'A'.repeat(43)}`;
  for (const token of [pair.access, pair.refresh, own.access, made, 'x']) {
    const answer = await admin.ask(session, {}, token);
    assert.deepEqual([answer.status, answer.body.code], [401, 'credential_not_valid'], token);
  }
  assert.equal((await admin.ask(session)).status, 401);
  const { token } = (await admin.logIn()).body;
  assert.equal((await admin.me(token)).status, 401, 'nor the reverse');
  // The right password of an account that does not administer is refused as a wrong one is.
  const right = await admin.logIn('alice@example.com');
  const wrong = await admin.logIn('alice@example.com', OTHER);
  const unknown = await admin.logIn('bob@example.com');
  for (const { status, body } of [right, wrong, unknown])
    assert.deepEqual([status, body], [401, FAILED]);
});

test('the admin API is not on the public listener, nor the public API on the admin one', async (t) => {
  const admin = await startAdministration(t);
  const token = await admin.begin();
  const headers = { authorization: `Bearer ${token}` };
  for (const path of [session, '/api/admin/openapi.json'])
    assert.equal((await admin.send(path, { headers })).status, 404, path);
  for (const path of ['/api/users/me', '/api/token', '/docs'])
    assert.equal((await admin.ask(path, {}, token)).status, 404, path);
  const document = (await admin.ask('/api/admin/openapi.json')).body;
  assert.ok(session in document.paths);
});

test('a confirmed password counts for ten minutes, and confirming has the limits of a login', async (t) => {
  const admin = await startAdministration(t, { GATEPASS_RATE_LIMITS: 'on' });
  const token = await admin.begin();
  const isConfirmed = async () => (await admin.ask(session, {}, token)).body.is_confirmed;
  const confirm = (password: string) => {
    const body = { current_password: password };
    return admin.ask(`${session}/confirm`, { method: 'POST', body }, token);
  };
  assert.equal(await isConfirmed(), true, 'a login is one');
  admin.clock.advance(10 * 60_000);
  assert.equal(await isConfirmed(), false);
  assert.deepEqual((await confirm(OTHER)).body, { current_password: ['Invalid password.'] });
  assert.equal(await isConfirmed(), false);
  assert.equal((await confirm(PASSWORD)).status, 204);
  assert.equal(await isConfirmed(), true);
  const statuses: number[] = [];
  for (let i = 0; i < 12; i++) statuses.push((await admin.logIn(ADMIN, OTHER)).status);
  assert.equal(statuses.at(-1), 429, 'guessing is limited');
});

test('an invitation makes a new or an existing account an administrator, once and until it expires', async (t) => {
  const directory = await workDirectory(t);
  const env = { GATEPASS_DATABASE_URL: await databaseOf(directory), GATEPASS_SECRET: SECRET };
  const admin = await startAdministration(t, { ...env, GATEPASS_REGISTRATION: 'closed' });
  await admin.begin();
  const invite = async (email: string) => {
    const run = await runCommand(directory, ['admin', 'invite', email, '--json'], '', env);
    assert.equal(run.code, 0, run.stderr);
    return JSON.parse(run.stdout).token;
  };
  assert.equal((await runCommand(directory, ['admin', 'invite', 'x'], '', env)).code, 2);
  const [carol, dave] = [await invite('carol@example.com'), await invite('dave@example.com')];
  const accept = (token: string, password = PASSWORD) =>
    admin.ask('/api/admin/setup', { method: 'POST', body: { token, password } });
  assert.equal((await accept(carol)).body.user.email, 'carol@example.com');
  assert.equal((await accept(carol)).status, 400, 'once');
  const all = await Promise.all(Array.from({ length: 10 }, () => accept(dave)));
  assert.equal(all.filter(({ status }) => status === 200).length, 1, 'the faster of the two');

  const create = ['user', 'create', 'erin@example.com'];
  assert.equal((await runCommand(directory, create, PASSWORD, env)).code, 0);
  const erin = await invite('erin@example.com');
  assert.equal((await accept(erin, OTHER)).status, 401, 'an account proves its password');
  assert.equal((await accept(erin)).status, 200);
  const late = await invite('frank@example.com');
  admin.clock.advance(24 * HOUR + 60_000);
  await admin.database.transaction((tx) =>
    tx.db
      .updateTable('one_time_tokens')
      .set({ expires_at: admin.clock.now() })
      .where('used_at', 'is', null)
      .execute(),
  );
  assert.equal((await accept(late)).status, 400, 'not for ever');
});
