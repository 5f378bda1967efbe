/** Tokens of another issuer under our secret (Django's), which name no session. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MINUTE, startWithFactor } from '../mfa/support/holder.ts';
import { accountsOf } from '../security/support/accounts.ts';
import { newSharedDatabase } from '../support/databases.ts';
import {
  claimsOf,
  forge,
  goodClaims,
  PASSWORD,
  type Service,
  startService,
} from '../support/service.ts';
import { until } from '../support/until.ts';
import { startBeside } from './support/faulty.ts';
import {
  assertRefused,
  DAY,
  generationOf,
  HOUR,
  logOut,
  ROTATING,
  rotate,
  SECOND,
  STRICT,
  sessionIdOf,
  spend,
} from './support/holder.ts';

const ACCEPTING = { GATEPASS_ACCEPT_SESSIONLESS_TOKENS: 'true' };
const BOTH = { ...ROTATING, ...ACCEPTING };

type Over = { days?: number; age?: number; jti?: string };

/** A refresh token as SimpleJWT writes one, `age` milliseconds ago, for `days`. */
function django(service: Service, { days = 1, age = 0, jti }: Over = {}): string {
  const issued = service.clock.now() - age;
  const claims = goodClaims(issued, 1, 'refresh');
  const exp = Math.floor((issued + days * DAY) / SECOND);
  return forge({ payload: { ...claims, exp, ...(jti && { jti }) } });
}

async function startWithUser(...[t, variables]: Parameters<typeof startService>) {
  const service = await startService(t, variables);
  await service.register();
  return service;
}

for (const [mode, variables] of [
  ['rotating', ROTATING],
  ['not rotating', STRICT],
] as const) {
  test(`a token without session is refused by default (${mode})`, async (t) => {
    const service = await startWithUser(t, variables);
    const refresh = django(service);
    const access = forge({ payload: goodClaims(service.clock.now()) });
    assertRefused(await service.refresh(refresh), 'no_session');
    assertRefused(await service.verify(refresh), 'no_session');
    assertRefused(await service.verify(access), 'no_session');
    assertRefused(await logOut(service, refresh), 'no_session');
    assert.equal((await service.me(access)).status, 401);
    assert.deepEqual(await service.database.db.selectFrom('sessions').selectAll().execute(), []);
  });
}

test('with rotation the first refresh gives it a session, and a replay the same successor', async (t) => {
  const service = await startWithUser(t, BOTH);
  const token = django(service, { age: HOUR });
  const first = await rotate(service, token);
  const second = await rotate(service, token);
  assert.equal(second.refresh, first.refresh);
  assert.equal(generationOf(first.refresh), 1);
  assert.equal(sessionIdOf(first.refresh).length, 22);
  assert.equal((await service.me(first.access)).status, 200);
  const next = await spend(service, first.refresh);
  assertRefused(await service.refresh(token), 'reused');
  assertRefused(await service.refresh(next.refresh), 'revoked');
  assertRefused(await service.verify(first.access), 'revoked');
});

test('50 simultaneous refreshes of a sessionless token make one session with one successor', async (t) => {
  const service = await startWithUser(t, BOTH);
  const token = django(service);
  const answers = await Promise.all(Array.from({ length: 50 }, () => service.refresh(token)));
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200]);
  assert.equal(new Set(answers.map(({ body }) => body.refresh)).size, 1);
  const rows = await service.database.db.selectFrom('sessions').selectAll().execute();
  assert.deepEqual(
    rows.map(({ generation }) => generation),
    [1],
  );
});

test('two tokens of a user become two sessions, and a respelling of one token does not', async (t) => {
  const service = await startWithUser(t, BOTH);
  const [one, two] = [django(service), django(service, { jti: 'f'.repeat(32) })];
  const a = await rotate(service, one);
  const b = await rotate(service, two);
  assert.notEqual(sessionIdOf(a.refresh), sessionIdOf(b.refresh));
  const reordered = Object.fromEntries(Object.entries(claimsOf(one)).toReversed());
  const respelt = await rotate(service, forge({ payload: reordered }));
  assert.equal(respelt.refresh, a.refresh);
});

test('without rotation a sessionless token refreshes until it expires, as one session', async (t) => {
  const service = await startWithUser(t, { ...STRICT, ...ACCEPTING });
  const token = django(service);
  for (let i = 0; i < 3; i++) {
    const { status, body } = await service.refresh(token);
    assert.equal(status, 200);
    assert.deepEqual(Object.keys(body), ['access']);
    assert.equal((await service.me(body.access)).status, 200);
    service.clock.advance(HOUR);
  }
  const rows = await service.database.db.selectFrom('sessions').selectAll().execute();
  assert.equal(rows.length, 1);
  service.clock.advance(DAY);
  assertRefused(await service.refresh(token), 'expired');
});

for (const [mode, variables] of [
  ['rotating', BOTH],
  ['not rotating', { ...STRICT, ...ACCEPTING }],
] as const) {
  test(`a logout of a sessionless token takes effect, also after a restart (${mode})`, async (t) => {
    const url = await newSharedDatabase(t);
    const service = await startWithUser(t, { ...variables, GATEPASS_DATABASE_URL: url });
    const [token, other] = [django(service), django(service, { jti: 'e'.repeat(32) })];
    for (let i = 0; i < 2; i++) assert.equal((await logOut(service, token)).status, 200);
    const restarted = await startBeside(t, { url, variables, clock: service.clock });
    for (const place of [service.url, restarted.url]) {
      const post = (path: string, body: object) =>
        fetch(place + path, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        });
      assert.equal((await post('/api/token/refresh', { refresh: token })).status, 401);
      assert.equal((await post('/api/token/verify', { token })).status, 401);
      assert.equal((await post('/api/token/verify', { token: other })).status, 200);
    }
  });
}

for (const [mode, variables] of [
  ['rotating', BOTH],
  ['not rotating', { ...STRICT, ...ACCEPTING }],
] as const) {
  test(`a logout voids the access tokens of a sessionless token (${mode})`, async (t) => {
    const service = await startWithUser(t, variables);
    const token = django(service);
    const { body } = await service.refresh(token);
    assert.equal((await service.verify(body.access)).status, 200);
    await logOut(service, token);
    assertRefused(await service.verify(body.access), 'revoked');
    assertRefused(await service.refresh(token), 'revoked');
  });
}

test('a new password voids the access tokens of a sessionless token, with and without rotation', async (t) => {
  const service = await startWithUser(t, { ...STRICT, ...ACCEPTING });
  const { body } = await service.refresh(django(service));
  const { body: pair } = await service.login();
  const answer = await service.post(
    '/api/users/me/password',
    { current_password: PASSWORD, new_password: 'granite otter parade 41' },
    { authorization: `Bearer ${pair.access}` },
  );
  assert.equal(answer.status, 200);
  assertRefused(await service.verify(body.access), 'revoked');
  assert.equal((await service.me(body.access)).status, 401);
  assertRefused(await service.verify(pair.access), 'revoked');
  assert.equal((await service.me(answer.body.access)).status, 200);
});

for (const change of ['setPassword', 'disable', 'remove'] as const) {
  test(`a change of the account voids a sessionless token (${change})`, async (t) => {
    const service = await startWithUser(t, BOTH);
    const [used, unused] = [django(service), django(service, { jti: 'd'.repeat(32) })];
    const { access, refresh } = await rotate(service, used);
    const accounts = await accountsOf(service);
    await accounts[change]('granite otter parade 41');
    const sessionless = forge({ payload: goodClaims(service.clock.now()) });
    await until('verify knows', async () => (await service.verify(sessionless)).status !== 200);
    for (const token of [used, unused, refresh]) {
      assert.equal((await service.refresh(token)).status, 401);
      assert.equal((await service.verify(token)).status, 401);
    }
    assert.equal((await service.verify(access)).status, 401);
    assert.equal((await service.me(sessionless)).status, 401);
  });
}

test('a sessionless token is accepted until it expires, however old it is', async (t) => {
  const service = await startWithUser(t, BOTH);
  const token = django(service, { days: 60, age: 31 * DAY });
  const pair = await rotate(service, token);
  service.clock.advance(20 * HOUR);
  assert.equal((await rotate(service, pair.refresh)).refresh.split('.').length, 3);
});

test('MF01 a second factor voids sessionless tokens, and none of the account becomes a session', async (t) => {
  const { service, pair, login, code } = await startWithFactor(t, ACCEPTING);
  const now = service.clock.now();
  const before = django(service, { age: HOUR, jti: 'before' });
  assertRefused(await service.refresh(before), 'revoked');
  assertRefused(await service.verify(before), 'revoked');
  service.clock.advance(MINUTE);
  const after = django(service, { jti: 'after' });
  assertRefused(await service.verify(after), 'revoked');
  assertRefused(await service.refresh(after), 'revoked');
  const access = forge({ payload: goodClaims(now - HOUR + 299 * SECOND) });
  assert.equal((await service.me(access)).status, 401);
  assert.equal((await service.refresh(pair.refresh)).status, 200, 'the session that goes on');
  assert.equal((await login({ code: code() })).status, 200);
});

test('an end of all sessions voids earlier sessionless tokens', async (t) => {
  const service = await startWithUser(t, ACCEPTING);
  const before = django(service, { age: HOUR, jti: 'before' });
  const { access } = (await service.login()).body;
  const headers = { authorization: `Bearer ${access}` };
  const ended = await service.send('/api/sessions?scope=all', { method: 'DELETE', headers });
  assert.equal(ended.status, 204);
  assertRefused(await service.refresh(before), 'revoked');
  service.clock.advance(MINUTE);
  assert.equal((await service.refresh(django(service, { jti: 'after' }))).status, 200);
});
