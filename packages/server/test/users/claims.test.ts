/** Claims of an account: what may be set, by the command line alone, and where it shows. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { accountsOf } from '../security/support/accounts.ts';
import { rows } from '../support/audit.ts';
import { runCommand } from '../support/command.ts';
import { databaseOf, workDirectory } from '../support/databases.ts';
import { claimsOf, PASSWORD, startService } from '../support/service.ts';

const EMAIL = 'alice@example.com';

async function workplace(t: TestContext, variables: Record<string, string> = {}) {
  const directory = await workDirectory(t);
  const gatepass = (args: string[], stdin = '') => runCommand(directory, args, stdin, variables);
  assert.equal((await gatepass(['user', 'create', EMAIL], PASSWORD)).code, 0);
  const set = async (...args: string[]) => gatepass(['user', 'set-claims', EMAIL, ...args]);
  const shown = async () =>
    JSON.parse((await gatepass(['user', 'show', EMAIL, '--json'])).stdout).claims ?? {};
  const serve = async () =>
    startService(t, { GATEPASS_DATABASE_URL: await databaseOf(directory), ...variables });
  return { gatepass, set, shown, serve };
}

test('the command line sets, merges and removes claims, from an argument or standard input', async (t) => {
  const { gatepass, set, shown } = await workplace(t);
  const first = await set('{"role":"admin","limits":{"seats":3}}');
  assert.equal(first.code, 0, first.stderr);
  assert.equal(
    first.stdout,
    'Changed the claims of alice@example.com: {"role":"admin","limits":{"seats":3}}\n',
  );
  assert.deepEqual(await shown(), { role: 'admin', limits: { seats: 3 } });
  assert.match((await set('{"role":"admin","limits":{"seats":3}}')).stdout, /^Nothing to change/);

  await set('--merge', '{"plan":"pro","limits":null}');
  assert.deepEqual(await shown(), { role: 'admin', plan: 'pro' });
  await set('--remove', 'role');
  assert.deepEqual(await shown(), { plan: 'pro' });

  const byId = ['user', 'set-claims', '1', '--json'];
  const piped = await gatepass([...byId, '-'], '{"role":"editor"}\n');
  assert.deepEqual(JSON.parse(piped.stdout), { id: 1, email: EMAIL, claims: { role: 'editor' } });
  await gatepass(byId, '{}');
  assert.deepEqual(await shown(), {});

  for (const [args, code, says] of [
    [['user', 'set-claims', EMAIL, '{role:admin}'], 2, /not a JSON object/],
    [['user', 'set-claims', 'bob@example.com', '{}'], 3, /No user/],
    [['user', 'set-claims', EMAIL, '["admin"]'], 4, /must be a JSON object/],
    [['user', 'set-claims', EMAIL, '--merge', '7'], 4, /must be a JSON object/],
  ] as const) {
    const refused = await gatepass([...args]);
    assert.equal(refused.code, code, refused.stderr);
    assert.match(refused.stderr, says);
  }
});

const deep = (levels: number): unknown => (levels === 0 ? 1 : { a: deep(levels - 1) });

test('CL01 reserved names, too large or too deep objects and inexact values are refused', async (t) => {
  const service = await startService(t);
  await service.register();
  const { setClaims } = await accountsOf(service);
  const reserved =
    'exp iat nbf jti iss aud sub sid token_type user_id gen cv amr acr auth_time azp nonce cnf act client_id ' +
    'constructor prototype toString valueOf hasOwnProperty EXP Sub TOKEN_TYPE';
  for (const name of [
    ...reserved.split(' '),
    '__proto__',
    '',
    '1a',
    'a b',
    'a\r\nb',
    'ключ',
    'a'.repeat(65),
  ]) {
    // Not `{[name]: 1}`, which would set the prototype.
    const claims = JSON.parse(`{${JSON.stringify(name)}:1}`);
    const set = await setClaims(claims);
    assert.ok(set !== 'gone' && !set.ok, `accepted ${JSON.stringify(name)}`);
  }
  for (const value of [
    'x'.repeat(3 * 1024),
    JSON.parse('{"__proto__":{"role":"admin"}}'),
    [{ constructor: 1 }],
    deep(8),
    2 ** 53,
    Number.POSITIVE_INFINITY,
    '\ud800',
  ]) {
    const set = await setClaims({ value });
    assert.ok(set !== 'gone' && !set.ok, `accepted ${String(value).slice(0, 20)}`);
  }
  assert.equal('claims' in (await service.me((await service.login()).body.access)).body, false);

  const good = {
    'https://example.com/roles': ['a', 'b'],
    'a:b./-_9': { nested: [true, null, 1.5, 'é', deep(4)] },
    filler: 'x'.repeat(1900),
  };
  assert.deepEqual(await setClaims(good), { ok: true, claims: good, isChanged: true });
  assert.deepEqual((await service.me((await service.login()).body.access)).body.claims, good);
});

test("CL01 a user's own requests cannot change claims", async (t) => {
  const service = await startService(t, { GATEPASS_ROTATE_REFRESH_TOKENS: 'true' });
  const extra = { claims: { role: 'admin' }, role: 'admin', cv: 9 };
  await service.post('/api/users', { email: EMAIL, password: PASSWORD, ...extra });
  const login = await service.post('/api/token', { email: EMAIL, password: PASSWORD, ...extra });
  const refreshed = await service.post('/api/token/refresh', { ...login.body, ...extra });
  for (const access of [login.body.access, refreshed.body.access]) {
    const claims = claimsOf(access);
    assert.equal('role' in claims || 'claims' in claims || 'cv' in claims, false);
    assert.equal((await service.me(access)).body.claims, undefined);
  }
});

test('access tokens have the claims after sid, refresh tokens have none, and a change is audited', async (t) => {
  const service = await startService(t, {
    GATEPASS_ROTATE_REFRESH_TOKENS: 'true',
    GATEPASS_ISSUER: 'https://id.example.com',
  });
  await service.register();
  const { setClaims } = await accountsOf(service);
  const plain = (await service.login()).body;
  assert.deepEqual(Object.keys(claimsOf(plain.access)).slice(5), ['sub', 'sid', 'iss']);

  await setClaims({ role: 'admin', plan: 'pro' });
  for (const pair of [(await service.login()).body, (await service.refresh(plain.refresh)).body]) {
    const access = claimsOf(pair.access);
    const names = [
      'token_type',
      'exp',
      'iat',
      'jti',
      'user_id',
      'sub',
      'sid',
      'cv',
      'iss',
      'role',
      'plan',
    ];
    assert.deepEqual(Object.keys(access), names);
    assert.deepEqual([access['role'], access['plan']], ['admin', 'pro']);
    const refresh = ['token_type', 'exp', 'iat', 'jti', 'user_id', 'sub', 'sid', 'gen', 'iss'];
    assert.deepEqual(Object.keys(claimsOf(pair.refresh)), refresh);
  }
  const audited = (await rows(service)).filter(({ event }) => event === 'user.claims');
  assert.deepEqual(
    audited.map(({ user_id, actor, details }) => [user_id, actor, details]),
    [[1, 'operator', '{}']],
  );
});

test('GATEPASS_TOKEN_RESPONSE_USER: a login names the user, with the claims', async (t) => {
  const { set, serve } = await workplace(t, { GATEPASS_TOKEN_RESPONSE_USER: 'true' });
  const service = await serve();
  const without = await service.login();
  assert.deepEqual(Object.keys(without.body), ['refresh', 'access', 'user']);
  assert.deepEqual(without.body.user, { id: 1, email: EMAIL });
  await set('{"role":"admin"}');
  const user = { id: 1, email: EMAIL, claims: { role: 'admin' } };
  assert.deepEqual((await service.login()).body.user, user);
  const refused = await service.login(EMAIL, 'granite otter parade 41');
  assert.deepEqual(Object.keys(refused.body), ['detail']);
});
