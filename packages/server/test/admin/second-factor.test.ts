/** A second factor of an administrator holds at the admin listener too. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask, codeAt, enrol, STEP } from '../mfa/support/holder.ts';
import { PASSWORD } from '../support/service.ts';
import { ADMIN, startAdministration } from './support/administration.ts';

test('MF01 an administrator with a second factor logs in with a code, each code once', async (t) => {
  const admin = await startAdministration(t);
  await admin.begin();
  const { access } = (await admin.login(ADMIN)).body;
  const { secret } = await enrol(admin, access);
  admin.clock.advance(STEP);
  const logIn = (code?: string) => {
    const body = { email: ADMIN, password: PASSWORD, code };
    return admin.ask('/api/admin/login', { method: 'POST', body });
  };
  const without = await logIn();
  assert.deepEqual([without.status, without.body.code], [401, 'second_factor_required']);
  assert.equal((await logIn('000000')).body.code, 'second_factor_invalid');
  const code = codeAt(secret, admin.clock.now());
  const all = await Promise.all(Array.from({ length: 10 }, () => logIn(code)));
  assert.equal(all.filter(({ status }) => status === 200).length, 1);
  const open = await admin.database.db.selectFrom('admin_sessions').selectAll().execute();
  assert.equal(open.length, 1, 'the one success: the factor ended the login of before');
  const ordinary = await admin.ask('/api/admin/login', {
    method: 'POST',
    body: { email: ADMIN, password: 'granite otter 41', code },
  });
  assert.equal(ordinary.body.code, undefined, 'the password comes first');
});

test('MF01 a change of factors ends an administrator’s logins, also those of the same second', async (t) => {
  const admin = await startAdministration(t);
  const byPassword = await admin.begin();
  const isOpen = async (token: string) =>
    (await admin.ask('/api/admin/session', {}, token)).status === 200;
  const { access } = (await admin.login(ADMIN)).body;
  const { secret } = await enrol(admin, access);
  assert.equal(await isOpen(byPassword), false, 'a factor was turned on');
  const nextCode = () => {
    admin.clock.advance(STEP);
    return codeAt(secret, admin.clock.now());
  };
  const logIn = async () => {
    const body = { email: ADMIN, password: PASSWORD, code: nextCode() };
    const { body: opened } = await admin.ask('/api/admin/login', { method: 'POST', body });
    return opened.token;
  };
  const withCode = await logIn();
  assert.equal(await isOpen(withCode), true);
  const { factors } = (await ask(admin, 'GET', 'factors', access)).body;
  const removed = await ask(admin, 'DELETE', `factors/${factors[0].id}`, access, {
    current_password: PASSWORD,
    code: nextCode(),
  });
  assert.equal(removed.status, 204, removed.text);
  assert.equal(await isOpen(withCode), false, 'the factor was removed');
  const again = (await admin.logIn()).body.token;
  await enrol(admin, access);
  assert.equal(await isOpen(again), false, 'all in one second');
});

test('MF01 an administrator with a second factor confirms with both password and code', async (t) => {
  const admin = await startAdministration(t);
  await admin.begin();
  const { secret } = await enrol(admin, (await admin.login(ADMIN)).body.access);
  admin.clock.advance(STEP);
  const code = codeAt(secret, admin.clock.now());
  const body = { email: ADMIN, password: PASSWORD, code };
  const again = await admin.ask('/api/admin/login', { method: 'POST', body });
  const by = again.body.token;
  admin.clock.advance(11 * 60_000);
  const confirm = (shown?: string, password = PASSWORD) =>
    admin.ask(
      '/api/admin/session/confirm',
      { method: 'POST', body: { current_password: password, code: shown } },
      by,
    );
  const isConfirmed = async () => (await admin.ask('/api/admin/session', {}, by)).body.is_confirmed;
  assert.deepEqual((await confirm()).body, { code: ['This field is required.'] });
  assert.equal((await confirm('000000')).status, 400);
  const fresh = codeAt(secret, admin.clock.now());
  assert.equal((await confirm(fresh, 'granite otter 41')).status, 400);
  assert.equal(await isConfirmed(), false);
  assert.equal((await confirm(fresh)).status, 204);
  assert.equal(await isConfirmed(), true);
});

for (const variables of [
  { GATEPASS_ADMIN_SECOND_FACTOR: 'required' },
  { GATEPASS_MFA: 'required', GATEPASS_MFA_GRACE: '0s' },
])
  test(`MF01 ${JSON.stringify(variables)}: no administrator, invited or not, logs in without a second factor`, async (t) => {
    const admin = await startAdministration(t, variables);
    const token = await admin.setUp();
    const body = { token, email: ADMIN, password: PASSWORD };
    const begun = await admin.ask('/api/admin/setup', { method: 'POST', body });
    assert.deepEqual([begun.status, begun.body.code], [401, 'second_factor_setup_required']);
    assert.equal((await admin.logIn()).body.code, 'second_factor_setup_required');
    const open = () => admin.database.db.selectFrom('admin_sessions').selectAll().execute();
    assert.deepEqual(await open(), []);
    const { challenge } = begun.body;
    const { secret } = (await admin.post('/api/token/second_factor/setup', { challenge })).body;
    const done = { challenge, code: codeAt(secret, admin.clock.now()) };
    assert.equal((await admin.post('/api/token/second_factor', done)).status, 200);
    assert.equal((await admin.logIn()).body.code, 'second_factor_required');
    admin.clock.advance(STEP);
    const code = codeAt(secret, admin.clock.now());
    const logIn = { email: ADMIN, password: PASSWORD, code };
    const answer = await admin.ask('/api/admin/login', { method: 'POST', body: logIn });
    assert.equal(answer.status, 200, answer.text);
  });
