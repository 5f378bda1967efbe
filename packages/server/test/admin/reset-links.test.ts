/** Where no mail is set up, an administrator hands a link over and never chooses a password. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { enrol } from '../mfa/support/holder.ts';
import { NEW_PASSWORD, startMailed } from '../recovery/support/mailed.ts';
import { PASSWORD } from '../support/service.ts';
import { ADMIN, administer, auditOf, startAdministration } from './support/administration.ts';

const USERS = '/api/admin/users';
const ALICE = 'alice@example.com';
const DAY = 24 * 3_600_000;
const PUBLIC = { GATEPASS_PUBLIC_URL: 'https://id.example.com' };
const INVALID = { token: ['Invalid token for given user.'] };

const partsOf = (link: string) => {
  const values = new URLSearchParams(link.split('#')[1] ?? '');
  return { uid: values.get('uid') ?? '', token: values.get('token') ?? '' };
};

async function start(t: TestContext, variables: Record<string, string> = PUBLIC) {
  const service = await startAdministration(t, variables);
  const token = await service.begin();
  const act = (path: string, body?: object, by = token) =>
    service.ask(path, { method: 'POST', body }, by);
  const linkFor = async (id = 2): Promise<string> => {
    const { status, text, body } = await act(`${USERS}/${id}/reset`);
    assert.equal(status, 200, text);
    return body.link;
  };
  const setPassword = (link: string, password = NEW_PASSWORD) =>
    service.post('/api/users/reset_password_confirm', {
      ...partsOf(link),
      new_password: password,
    });
  return { ...service, token, act, linkFor, setPassword };
}

const outcome = ({ status, body }: { status: number; body: { code?: string } }) => [
  status,
  body.code,
];

test('an account is created with a link in the response, and its owner sets the password with it', async (t) => {
  const service = await start(t);
  const created = await service.act(USERS, { email: ALICE });
  assert.equal(created.status, 201, created.text);
  assert.equal(created.body.email, ALICE);
  assert.match(
    created.body.link,
    /^https:\/\/id\.example\.com\/account\/reset#uid=\w+&token=[\w-]{51}$/,
  );
  assert.equal(created.body.expires_at, new Date(service.clock.now() + DAY).toISOString());
  assert.equal(created.headers.get('cache-control'), 'no-store');
  assert.equal((await service.setPassword(created.body.link)).status, 204);
  assert.equal((await service.login(ALICE, NEW_PASSWORD)).status, 200);
  const { body } = await service.ask(`${USERS}/2`, {}, service.token);
  assert.equal(body.email_verified_at, null);
  assert.equal('link' in body, false);
});

test('a reset by link ends the sessions, keeps second factors and verifies no address', async (t) => {
  const service = await start(t);
  await service.register();
  const pair = (await service.login()).body;
  await enrol(service, pair.access);
  const link = await service.linkFor();
  assert.equal((await service.refresh(pair.refresh)).status, 200);
  assert.equal((await service.setPassword(link)).status, 204);
  assert.equal((await service.me(pair.access)).status, 401);
  const login = await service.login(ALICE, NEW_PASSWORD);
  assert.equal(login.body.code, 'second_factor_required');
  const { body } = await service.ask(`${USERS}/2`, {}, service.token);
  assert.equal(body.email_verified_at, null);
});

test('a link works once, for a day, until a newer link or a new password', async (t) => {
  const service = await start(t);
  await service.register();
  const refused = async (link: string) =>
    assert.deepEqual((await service.setPassword(link)).body, INVALID);
  const older = await service.linkFor();
  const newer = await service.linkFor();
  await refused(older);
  assert.equal((await service.setPassword(newer, '12345678')).status, 400);
  assert.equal((await service.setPassword(newer)).status, 204);
  await refused(newer);

  const expired = await service.linkFor();
  service.clock.advance(DAY);
  await refused(expired);
});

test('a link ends when the password is changed or the account disabled or deleted', async (t) => {
  const service = await start(t);
  const { post, act } = service;
  await service.register();
  const changed = await service.linkFor();
  const { access } = (await service.login()).body;
  const change = { current_password: PASSWORD, new_password: 'lantern copper 77 field' };
  const headers = { authorization: `Bearer ${access}` };
  assert.equal((await post('/api/users/set_password', change, headers)).status, 204);
  assert.deepEqual((await service.setPassword(changed)).body, INVALID);

  const disabled = await service.linkFor();
  await act(`${USERS}/2/disable`);
  assert.deepEqual((await service.setPassword(disabled)).body, INVALID);
  await act(`${USERS}/2/enable`);
  assert.deepEqual((await service.setPassword(disabled)).body, INVALID);

  const deleted = await service.linkFor();
  await service.ask(`${USERS}/2`, { method: 'DELETE' }, service.token);
  assert.deepEqual((await service.setPassword(deleted)).body, INVALID);
});

test('one of many simultaneous uses of a link succeeds', async (t) => {
  const service = await start(t);
  await service.register();
  const link = await service.linkFor();
  const uses = await Promise.all(
    [1, 2, 3, 4].map((n) => service.setPassword(link, `${NEW_PASSWORD} ${n}`)),
  );
  assert.deepEqual(uses.map(({ status }) => status).toSorted(), [204, 400, 400, 400]);
});

test('AD01 AD02 a key never gets a link, and an administrator only with a confirmed password', async (t) => {
  const service = await start(t);
  const { act } = service;
  await service.register();
  const made = await act('/api/admin/api_keys', { name: 'test', scopes: ['users:write'] });
  for (const [path, body] of [
    [USERS, { email: 'bob@example.com' }],
    [`${USERS}/2/reset`, undefined],
    [`${USERS}/1/reset`, undefined],
  ] as const)
    assert.deepEqual(outcome(await act(path, body, made.body.key)), [403, 'administrators_only']);
  service.clock.advance(10 * 60_000);
  for (const [path, body] of [
    [USERS, { email: 'bob@example.com' }],
    [`${USERS}/2/reset`, undefined],
  ] as const)
    assert.deepEqual(outcome(await act(path, body)), [403, 'confirmation_required']);
  assert.deepEqual(await auditOf(service, 'user.reset_link'), []);
  const { users } = (await service.ask(USERS, {}, service.token)).body;
  assert.equal(users.length, 2);
  await act('/api/admin/session/confirm', { current_password: PASSWORD });
  assert.equal((await act(`${USERS}/2/reset`)).status, 200);
});

test('the audit log names the administrator and the account, and the link is in no log and no row', async (t) => {
  const service = await start(t);
  await service.register();
  const { token } = partsOf(await service.linkFor());
  const events = await auditOf(service, 'user.reset_link');
  assert.deepEqual(
    events.map(({ actor, user_id }) => [actor, user_id]),
    [['admin:1', 2]],
  );
  assert.equal(service.log.join('').includes(token), false);
  const { db } = service.database;
  for (const table of ['one_time_tokens', 'audit_events'] as const)
    assert.equal(
      JSON.stringify(await db.selectFrom(table).selectAll().execute()).includes(token),
      false,
    );
});

test('resetting another administrator is audited and ends that administrator’s login', async (t) => {
  const service = await start(t);
  await service.register();
  assert.equal((await service.act(`${USERS}/2/admin`)).status, 200);
  const other = (await service.logIn(ALICE)).body.token;
  assert.equal((await service.setPassword(await service.linkFor(2))).status, 204);
  assert.equal((await service.ask('/api/admin/session', {}, other)).status, 401);
  assert.equal((await service.logIn(ALICE, NEW_PASSWORD)).status, 200);
  assert.equal((await auditOf(service, 'user.reset_link')).at(-1)?.actor, 'admin:1');
});

test('without a public URL the request is refused with the name of the setting and changes nothing', async (t) => {
  const service = await start(t, {});
  await service.register();
  for (const answer of [
    await service.act(USERS, { email: 'bob@example.com' }),
    await service.act(`${USERS}/2/reset`),
  ]) {
    assert.deepEqual(outcome(answer), [409, 'no_public_url']);
    assert.match(answer.body.detail, /GATEPASS_PUBLIC_URL/);
  }
  const { users } = (await service.ask(USERS, {}, service.token)).body;
  assert.deepEqual(
    users.map(({ email }: { email: string }) => email),
    [ALICE, ADMIN],
  );
  assert.deepEqual(await auditOf(service, 'user.reset_link'), []);
});

test('the link leads to the configured page of the application', async (t) => {
  const service = await start(t, {
    GATEPASS_RESET_URL: 'https://app.example.com/new-password/{uid}/{token}',
  });
  await service.register();
  assert.match(
    await service.linkFor(),
    /^https:\/\/app\.example\.com\/new-password\/\w+\/[\w-]{51}$/,
  );
});

test('the page of the link works without mail, and offers neither a code nor another mail', async (t) => {
  const service = await start(t);
  await service.register();
  const link = await service.linkFor();
  const page = await service.send('/account/reset');
  assert.equal(page.status, 200);
  assert.doesNotMatch(page.text, /name="code"|href="forgot"/);
  assert.equal((await service.send('/account/forgot')).status, 404);
  const press = (values: Record<string, string>) =>
    service.send('/account/reset', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(values).toString(),
    });
  const weak = await press({ ...partsOf(link), new_password: '12345678' });
  assert.equal(weak.status, 400);
  const done = await press({ link, new_password: NEW_PASSWORD });
  assert.equal(done.status, 200, done.text);
  assert.equal((await service.login(ALICE, NEW_PASSWORD)).status, 200);
  const used = await press({ link, new_password: NEW_PASSWORD });
  assert.equal(used.status, 400);
  assert.doesNotMatch(used.text, /href="forgot"/);
});

test('with a mail server no response contains a link', async (t) => {
  const service = await administer(await startMailed(t));
  const by = await service.begin();
  const create = { method: 'POST', body: { email: ALICE } };
  for (const [path, init] of [
    [USERS, create],
    [`${USERS}/2/reset`, { method: 'POST' }],
  ] as const) {
    const { body } = await service.ask(path, init, by);
    assert.equal(body.email, ALICE);
    assert.equal('link' in body || 'expires_at' in body, false);
  }
});
