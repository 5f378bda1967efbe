/** What administrators and keys do with accounts, and who the audit log says it was. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { startMailed } from '../recovery/support/mailed.ts';
import { PASSWORD } from '../support/service.ts';
import { ADMIN, administer, auditOf, startAdministration } from './support/administration.ts';

const USERS = '/api/admin/users';
const ALICE = 'alice@example.com';

async function start(t: TestContext, variables: Record<string, string> = {}) {
  const admin = await startAdministration(t, variables);
  const token = await admin.begin();
  const get = (path: string, by = token) => admin.ask(path, {}, by);
  const post = (path: string, body?: object, by = token) =>
    admin.ask(path, { method: 'POST', body }, by);
  const remove = (path: string, by = token) => admin.ask(path, { method: 'DELETE' }, by);
  const keyWith = async (...scopes: string[]): Promise<string> =>
    (await post('/api/admin/api_keys', { name: 'test', scopes })).body.key;
  return { ...admin, token, get, postAs: post, remove, keyWith };
}

test('accounts are listed in every order, page by page, without gaps or duplicates', async (t) => {
  const { register, login, get, clock } = await start(t);
  for (let i = 0; i < 25; i++) {
    await register(`user${String((i * 7) % 25).padStart(2, '0')}@example.com`);
    clock.advance(1000);
  }
  for (const i of [3, 9, 20]) await login(`user${String(i).padStart(2, '0')}@example.com`);
  const walk = async (query: string) => {
    const emails: string[] = [];
    let after = '';
    do {
      const page = await get(`${USERS}?limit=4&${query}${after && `&after=${after}`}`);
      assert.equal(page.status, 200, page.text);
      emails.push(...page.body.users.map(({ email }: { email: string }) => email));
      after = page.body.next ?? '';
    } while (after);
    return emails;
  };
  const byId = await walk('sort=id');
  assert.equal(new Set(byId).size, 26);
  assert.deepEqual(await walk(''), byId.toReversed());
  const byEmail = await walk('sort=email');
  assert.deepEqual(byEmail, byId.toSorted());
  assert.deepEqual(await walk('sort=-email'), byEmail.toReversed());
  const byLogin = await walk('sort=-last_login');
  assert.equal(new Set(byLogin).size, 26);
  assert.deepEqual(await walk('sort=last_login'), byLogin.toReversed());
  assert.deepEqual((await walk('q=ER1&sort=email')).length, 10);
  assert.deepEqual(await walk('status=admin'), [ADMIN]);
  assert.deepEqual(await walk('status=disabled'), []);
  for (const wrong of [
    'sort=age',
    'limit=0',
    'limit=101',
    'after=x',
    'status=x',
    'sort=email&after=WzEsMV0',
  ])
    assert.equal((await get(`${USERS}?${wrong}`)).status, 400, wrong);
});

test('each change takes effect at once, returns the account and writes one audit row with its actor', async (t) => {
  const service = await start(t);
  const { get, postAs: post, remove, database } = service;
  await service.register();
  const pair = (await service.login()).body;
  const path = `${USERS}/2`;
  const rows = async () =>
    (
      await database.db
        .selectFrom('audit_events')
        .select(['event', 'actor', 'user_id'])
        .where('event', 'like', 'user.%')
        .orderBy('id')
        .execute()
    ).slice(-3);

  assert.equal((await get(path)).body.email, ALICE);
  const { sessions } = (await get(`${path}/sessions`)).body;
  assert.equal(sessions.length, 1);
  assert.equal((await remove(`${path}/sessions/${sessions[0].id}`)).status, 204);
  assert.equal((await remove(`${path}/sessions/${sessions[0].id}`)).status, 404);
  assert.equal((await service.refresh(pair.refresh)).status, 401);
  await service.login();
  assert.deepEqual((await remove(`${path}/sessions`)).body, { ended: 1 });

  const disabled = await post(`${path}/disable`);
  assert.deepEqual([disabled.status, disabled.body.is_active], [200, false]);
  assert.equal((await service.login()).status, 401);
  assert.equal((await post(`${path}/enable`)).body.is_active, true);
  assert.equal((await post(`${path}/unlock`)).status, 200);
  assert.deepEqual(
    (await rows()).map(({ event, actor, user_id }) => [event, actor, user_id]),
    [
      ['user.disable', 'admin:1', 2],
      ['user.enable', 'admin:1', 2],
      ['user.unlock', 'admin:1', 2],
    ],
  );
  assert.equal((await post(`${path}/admin`)).body.is_admin, true);
  assert.equal((await remove(`${path}/admin`)).body.is_admin, false);
  assert.equal((await remove(path)).status, 204);
  assert.equal((await get(path)).status, 404);
  for (const [event, actor] of [
    ['admin.grant', 'admin:1'],
    ['admin.revoke', 'admin:1'],
    ['user.delete', 'admin:1'],
  ] as const)
    assert.equal((await auditOf(service, event)).at(-1)?.actor, actor, event);
  for (const unknown of ['99', 'x', '0', '1e3'])
    assert.equal((await post(`${USERS}/${unknown}/disable`)).status, 404, unknown);
});

test('AD02 dangerous changes require a recently confirmed password and keep the last administrator', async (t) => {
  const { clock, remove, postAs: post, register, get } = await start(t);
  await register();
  clock.advance(10 * 60_000);
  for (const answer of [
    await remove(`${USERS}/2`),
    await post(`${USERS}/2/admin`),
    await remove(`${USERS}/1/admin`),
  ])
    assert.deepEqual([answer.status, answer.body.code], [403, 'confirmation_required']);
  assert.equal(
    (await post('/api/admin/session/confirm', { current_password: PASSWORD })).status,
    204,
  );
  for (const answer of [
    await remove(`${USERS}/1`),
    await remove(`${USERS}/1/admin`),
    await post(`${USERS}/1/disable`),
  ])
    assert.deepEqual([answer.status, answer.body.code], [409, 'last_administrator']);
  assert.equal((await get(`${USERS}/1`)).body.is_admin, true);
});

test('AD01 a key can do only what its scopes allow, and cannot change administrators', async (t) => {
  const service = await start(t);
  const { get, postAs: post, remove, keyWith } = service;
  await service.register();
  const reader = await keyWith('users:read');
  const writer = await keyWith('users:write');
  const refused = async (answer: Promise<{ status: number; body: { code: string } }>) => {
    const { status, body } = await answer;
    return [status, body.code];
  };
  const missing = [403, 'scope_missing'];
  assert.equal((await get(USERS, reader)).status, 200);
  assert.deepEqual(await refused(post(`${USERS}/2/disable`, undefined, reader)), missing);
  assert.deepEqual(await refused(remove(`${USERS}/2`, reader)), missing);
  assert.deepEqual(await refused(remove(`${USERS}/2/sessions`, writer)), missing);
  assert.deepEqual(await refused(get('/api/admin/audit', writer)), missing);
  assert.deepEqual(await refused(get(USERS, writer)), missing);
  const done = await post(`${USERS}/2/disable`, undefined, writer);
  assert.equal(done.status, 200, done.text);
  const actor = `key:${writer.slice(3, 11)}`;
  assert.equal((await auditOf(service, 'user.disable')).at(-1)?.actor, actor);
  const protectedOnes = [403, 'administrators_only'];
  for (const change of ['disable', 'reset', 'unlock', 'enable', 'admin'])
    assert.deepEqual(
      await refused(post(`${USERS}/1/${change}`, undefined, writer)),
      protectedOnes,
      change,
    );
  assert.deepEqual(await refused(remove(`${USERS}/1`, writer)), protectedOnes);
});

test('an account is created without a password, and its owner sets it by mail, as after a reset', async (t) => {
  const service = await administer(await startMailed(t));
  const by = await service.begin();
  const post = (path: string, body?: object) => service.ask(path, { method: 'POST', body }, by);
  const created = await post(USERS, { email: ALICE });
  assert.equal(created.status, 201, created.text);
  assert.equal((await service.login()).status, 401);
  const { to, uid, token } = await service.nextMail();
  assert.equal(to, ALICE);
  assert.equal((await service.reset({ uid, token, new_password: PASSWORD })).status, 204);
  assert.equal((await service.login()).status, 200);
  assert.deepEqual((await post(USERS, { email: ALICE })).body, {
    email: ['user with this email address already exists.'],
  });
  assert.equal((await post(`${USERS}/2/reset`)).status, 200);
  assert.notEqual((await service.nextMail()).token, '');
  assert.equal((await auditOf(service, 'user.reset')).length, 1);
});

test('an account is not created when a limit refuses its mail', async (t) => {
  const limits = { GATEPASS_RATE_LIMITS: 'on', GATEPASS_LIMITS: 'mail-network=1/1h' };
  const service = await administer(await startMailed(t, limits));
  const by = await service.begin();
  const create = (email: string) =>
    service.ask(USERS, { method: 'POST', body: { email } }, by).then(({ status }) => status);
  assert.deepEqual([await create(ALICE), await create('bob@example.com')], [201, 429]);
  const { users } = (await service.ask(USERS, {}, by)).body;
  assert.deepEqual(
    users.map(({ email }: { email: string }) => email),
    [ALICE, ADMIN],
  );
  assert.equal((await service.ask(`${USERS}/2/reset`, { method: 'POST' }, by)).status, 429);
  assert.deepEqual(await auditOf(service, 'user.reset'), []);
});

test('the audit log is read by account, kind and time, page by page', async (t) => {
  const { get, register, login, clock, keyWith, remove } = await start(t);
  await register();
  const from = clock.now();
  for (let i = 0; i < 7; i++) {
    clock.advance(1000);
    await login();
  }
  const ids: number[] = [];
  let after = '';
  do {
    const page = await get(
      `/api/admin/audit?user=2&event=login.ok&limit=3${after && `&after=${after}`}`,
    );
    assert.equal(page.status, 200, page.text);
    ids.push(...page.body.events.map(({ id }: { id: number }) => id));
    after = page.body.next ?? '';
  } while (after);
  assert.equal(ids.length, 7);
  assert.deepEqual(
    ids,
    ids.toSorted((a, b) => b - a),
  );
  const at = (ms: number) => new Date(ms).toISOString();
  const hour = await get(`/api/admin/audit?since=${at(from + 2000)}&until=${at(from + 4000)}`);
  assert.equal(hour.body.events.length, 3);
  for (const wrong of ['event=x', 'since=x', 'user=x', 'after=x'])
    assert.equal((await get(`/api/admin/audit?${wrong}`)).status, 400, wrong);

  const emailOf = async (key?: string) =>
    (await get('/api/admin/audit?user=2&event=login.ok&limit=1', key)).body.events[0].user_email;
  assert.equal(await emailOf(), ALICE);
  assert.equal(await emailOf(await keyWith('users:read', 'audit:read')), ALICE);
  assert.equal(await emailOf(await keyWith('audit:read')), null);
  assert.equal((await remove(`${USERS}/2`)).status, 204);
  assert.equal(await emailOf(), null);
});
