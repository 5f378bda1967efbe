/** However administrators are removed, at least one that can log in remains. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runCommand } from '../support/command.ts';
import { databaseOf, workDirectory } from '../support/databases.ts';
import { startNode } from '../support/node.ts';
import { post } from '../support/process.ts';
import { PASSWORD, startService } from '../support/service.ts';
import { startAdministration } from './support/administration.ts';

const ALICE = 'alice@example.com';
const BOB = 'bob@example.com';
const LAST = /^This is the last administrator who can log in\.\n$/;

test('AD02 the command line cannot demote, disable or delete the last administrator, but any other', async (t) => {
  const directory = await workDirectory(t);
  const env = { GATEPASS_DATABASE_URL: await databaseOf(directory) };
  const gatepass = (...args: string[]) => runCommand(directory, ['user', ...args], PASSWORD, env);
  for (const email of [ALICE, BOB]) assert.equal((await gatepass('create', email)).code, 0);
  const granted = await gatepass('set-admin', ALICE, BOB, '--json');
  assert.equal(granted.code, 0, granted.stderr);
  const [first] = granted.stdout.split('\n');
  assert.equal(JSON.parse(first ?? '').is_admin, true);
  // Bob cannot log in while he is disabled: Alice is the last.
  assert.equal((await gatepass('disable', BOB)).code, 0);
  for (const args of [
    ['set-admin', ALICE, '--remove'],
    ['disable', ALICE],
    ['delete', ALICE],
  ]) {
    const refused = await gatepass(...args);
    assert.deepEqual([refused.code, args], [4, args]);
    assert.match(refused.stderr, LAST);
  }
  assert.equal((await gatepass('enable', BOB)).code, 0);
  const both = await gatepass('set-admin', '--remove', ALICE, BOB);
  assert.equal(both.code, 4, 'one of two is left');
  assert.match(both.stdout, /alice@example\.com is no longer an administrator/);
  assert.match(both.stderr, /last administrator.*\n1 of 2 could not be done/);
  assert.equal((await gatepass('delete', ALICE)).code, 0);
  assert.match((await gatepass('show', BOB, '--json')).stdout, /"is_admin":true/);
});

test('AD02 the last administrator cannot delete their own account, and logs in as before', async (t) => {
  const directory = await workDirectory(t);
  const service = await startNode(t, directory);
  await post(service.url, '/api/users', { email: ALICE, password: PASSWORD });
  const env = { GATEPASS_DATABASE_URL: await databaseOf(directory) };
  assert.equal((await runCommand(directory, ['user', 'set-admin', ALICE], '', env)).code, 0);
  const logIn = () => post(service.url, '/api/token', { email: ALICE, password: PASSWORD });
  const access = (await logIn())?.body['access'];
  const response = await fetch(`${service.url}/api/users/me`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${access}`, 'content-type': 'application/json' },
    body: JSON.stringify({ current_password: PASSWORD }),
  });
  assert.equal(response.status, 409, await response.clone().text());
  const { code } = (await response.json()) as { code: string };
  assert.equal(code, 'last_administrator');
  assert.equal((await logIn())?.status, 200);
});

test('AD02 two administrators removed at the same moment leave one', async (t) => {
  const directory = await workDirectory(t);
  const env = { GATEPASS_DATABASE_URL: await databaseOf(directory) };
  const service = await startService(t, { ...env });
  const { createServices } = await import('../../src/services.ts');
  const { pino } = await import('pino');
  const { config, database, clock } = service;
  const services = createServices({ config, database, clock, logger: pino({ level: 'silent' }) });
  const { users } = services;
  t.after(() => services.hasher.close());
  for (let round = 0; round < 20; round++) {
    for (const email of [`a${round}@example.com`, `b${round}@example.com`])
      await service.register(email);
    const both = await users.list({ after: 2 * round, size: 2 });
    for (const user of both) await users.setAdmin(user, true, {});
    const outcomes = await Promise.allSettled(both.map((user) => users.disable(user, {})));
    const refused = outcomes.filter(({ status }) => status === 'rejected');
    assert.equal(refused.length, 1, `round ${round}`);
    const left = await users.list({ status: 'active', after: 2 * round, size: 2 });
    assert.equal(left.length, 1);
    // The next round has administrators of its own.
    const db = database.db.updateTable('users').set({ is_admin: 0 });
    await database.transaction((tx) => tx.db.executeQuery(db).then(() => {}));
  }
});

test('an administrator without a password does not count as one who can log in', async (t) => {
  const admin = await startAdministration(t);
  const token = await admin.begin();
  assert.equal((await admin.register()).status, 201);
  const change = (path: string, method: string) =>
    admin.ask(`/api/admin/users/${path}`, { method }, token);
  assert.equal((await change('2/admin', 'POST')).status, 200);
  await admin.database.transaction((tx) =>
    tx.db.updateTable('users').set({ password_hash: null }).where('id', '=', 2).execute(),
  );
  for (const [path, method] of [
    ['1/admin', 'DELETE'],
    ['1/disable', 'POST'],
    ['1', 'DELETE'],
  ] as const)
    assert.equal((await change(path, method)).body?.code, 'last_administrator', path);
  assert.equal((await change('2/admin', 'DELETE')).status, 200);
});

const MAILED = {
  GATEPASS_SMTP_URL: 'log:',
  GATEPASS_PUBLIC_URL: 'https://example.com',
};

for (const verification of ['off', 'optional', 'required'] as const)
  test(`GATEPASS_EMAIL_VERIFICATION=${verification}: whether an unverified account may be an administrator`, async (t) => {
    const variables = { GATEPASS_EMAIL_VERIFICATION: verification, ...MAILED };
    const admin = await startAdministration(t, variables);
    const token = await admin.begin();
    assert.equal((await admin.register()).status, 201);
    const grant = () => admin.ask('/api/admin/users/2/admin', { method: 'POST' }, token);
    const verify = (id: number) =>
      admin.database.transaction((tx) =>
        tx.db.updateTable('users').set({ email_verified_at: 1 }).where('id', '=', id).execute(),
      );
    const refused = await grant();
    if (verification === 'off') assert.equal(refused.status, 200);
    else assert.deepEqual([refused.status, refused.body.code], [409, 'address_unproved']);
    await verify(2);
    assert.equal((await grant()).status, 200);
    assert.equal((await admin.logIn(ALICE)).status, 200);

    const own = await admin.logIn();
    if (verification !== 'required') assert.equal(own.status, 200);
    else assert.deepEqual([own.status, own.body.code], [401, 'email_not_verified']);
    await verify(1);
    assert.equal((await admin.logIn()).status, 200);
  });

test('registering an unverified administrator again does not take the account over', async (t) => {
  const service = await startService(t, {
    GATEPASS_EMAIL_VERIFICATION: 'required',
    ...MAILED,
  });
  assert.equal((await service.register()).status, 201);
  await service.database.transaction((tx) =>
    tx.db.updateTable('users').set({ is_admin: 1 }).execute(),
  );
  const again = await service.register(ALICE, 'granite otter 41');
  assert.deepEqual(
    [again.status, again.body],
    [400, { email: ['user with this email address already exists.'] }],
  );
});
