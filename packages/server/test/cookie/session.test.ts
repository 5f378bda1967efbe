/** The session's cookie: `/api/session`, from the login to the logout. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { claimsOf } from '../support/service.ts';
import {
  ALICE,
  attributesOf,
  PAGE,
  sessionOf,
  setCookieOf,
  startWithCookies,
} from './support/page.ts';

const DAY = 86_400;
const ROTATING = { GATEPASS_ROTATE_REFRESH_TOKENS: 'true' };

test('a login returns the access token and sets the cookie for the lifetime of its token', async (t) => {
  const service = await startWithCookies(t);
  const login = await sessionOf(service).login();
  assert.equal(login.status, 200);
  assert.deepEqual(Object.keys(login.body), ['access']);
  assert.equal(login.headers.get('cache-control'), 'no-store');
  assert.equal(login.headers.get('vary'), 'Origin');
  assert.deepEqual(attributesOf(login), [
    'Path=/',
    'Secure',
    'HttpOnly',
    'SameSite=Lax',
    `Max-Age=${DAY}`,
  ]);
  const claims = claimsOf(setCookieOf(login) ?? '');
  assert.equal(claims['token_type'], 'cookie');
  assert.equal(claims['sid'], claimsOf(login.body.access)['sid']);
  assert.equal((await service.me(login.body.access)).body.email, ALICE.email);
});

test('the account is in the response if the settings ask for it', async (t) => {
  const service = await startWithCookies(t, { GATEPASS_TOKEN_RESPONSE_USER: 'true' });
  const { body } = await sessionOf(service).login();
  assert.deepEqual(Object.keys(body), ['access', 'user']);
  assert.equal(body.user.email, ALICE.email);
});

test('a wrong password gets the bytes of POST /api/token and no cookie', async (t) => {
  const service = await startWithCookies(t);
  const wrong = { ...ALICE, password: 'wrong otter 41' };
  const [one, other] = [
    await sessionOf(service).login(PAGE, wrong),
    await service.post('/api/token', wrong),
  ];
  assert.equal(one.status, 401);
  assert.equal(one.text, other.text);
  assert.deepEqual(one.headers.getSetCookie(), []);
  const faults = await sessionOf(service).login(PAGE, { email: 7 });
  assert.equal(faults.status, 400);
  assert.deepEqual(Object.keys(faults.body), ['email', 'password']);
});

test('without rotation a refresh leaves the cookie as it is', async (t) => {
  const service = await startWithCookies(t);
  const session = sessionOf(service);
  const token = setCookieOf(await session.login()) ?? '';
  const refreshed = await session.refresh(token);
  assert.equal(refreshed.status, 200);
  assert.deepEqual(Object.keys(refreshed.body), ['access']);
  assert.deepEqual(refreshed.headers.getSetCookie(), []);
  service.clock.advance(DAY * 1000);
  const late = await session.refresh(token);
  assert.equal(late.status, 401);
  assert.equal(late.body.reason, 'expired');
  assert.equal(setCookieOf(late), '');
});

test('a refresh without a cookie clears no cookie, because a login may have set one meanwhile', async (t) => {
  const service = await startWithCookies(t);
  const session = sessionOf(service);
  const refused = await session.refreshWith();
  assert.equal(refused.status, 401);
  assert.deepEqual(refused.body, {
    detail: 'There is no session cookie.',
    code: 'no_session_cookie',
  });
  assert.deepEqual(refused.headers.getSetCookie(), []);
  assert.equal(setCookieOf(await session.refresh('garbage')), '');
});

test('rotation happens within the cookie, by the rules of tokens in bodies', async (t) => {
  const service = await startWithCookies(t, ROTATING);
  const session = sessionOf(service);
  const first = setCookieOf(await session.login()) ?? '';
  const [one, other] = await Promise.all([session.refresh(first), session.refresh(first)]);
  const second = setCookieOf(one) ?? '';
  assert.notEqual(second, first);
  assert.equal(setCookieOf(other), second, 'of two tabs at once both get the same');
  assert.deepEqual(Object.keys(one.body), ['access']);
  assert.deepEqual(attributesOf(one).at(-1), `Max-Age=${DAY}`);
  service.clock.advance(5000);
  assert.equal(setCookieOf(await session.refresh(second)), second, 'not spent within 10 s');
  service.clock.advance(60_000);
  assert.equal(setCookieOf(await session.refresh(first)), second, 'a lost response comes again');
  service.clock.advance(60_000);
  const third = setCookieOf(await session.refresh(second)) ?? '';
  assert.equal(claimsOf(third)['gen'], 2);
  const reused = await session.refresh(first);
  assert.equal(reused.status, 401);
  assert.equal(reused.body.reason, 'reused');
  assert.equal(setCookieOf(reused), '');
  assert.equal((await session.refresh(third)).body.reason, 'revoked', 'the session is over');
});

test('a logout ends the session, clears the cookie and is idempotent', async (t) => {
  const service = await startWithCookies(t);
  const session = sessionOf(service);
  const login = await session.login();
  const token = setCookieOf(login) ?? '';
  for (const cookie of [token, token, 'garbage', undefined]) {
    const done = await session.logout(cookie);
    assert.equal(done.status, 204);
    assert.equal(setCookieOf(done), '');
    assert.deepEqual(attributesOf(done).at(-1), 'Max-Age=0');
  }
  assert.equal((await service.me(login.body.access)).status, 401);
  assert.equal((await session.refresh(token)).body.reason, 'revoked');
});

test('the list of sessions shows a cookie session like any other and ends it', async (t) => {
  const service = await startWithCookies(t);
  const session = sessionOf(service);
  const login = await session.login({ ...PAGE, 'user-agent': 'Browser/1.0' });
  const authorization = `Bearer ${login.body.access}`;
  const { body } = await service.send('/api/sessions', { headers: { authorization } });
  assert.equal(body.sessions[0].user_agent, 'Browser/1.0');
  assert.equal(body.sessions[0].id, claimsOf(login.body.access)['sid']);
  await service.send(`/api/sessions/${body.sessions[0].id}`, {
    method: 'DELETE',
    headers: { authorization },
  });
  const ended = await session.refresh(setCookieOf(login) ?? '');
  assert.equal(ended.status, 401);
  assert.equal(setCookieOf(ended), '');
});

test('with plain HTTP on the same machine the cookie has no prefix and no Secure', async (t) => {
  for (const url of [
    'http://localhost:8000',
    'http://127.0.0.1:8000',
    'http://[::1]',
    'http://id.localhost',
  ]) {
    const service = await startWithCookies(t, { GATEPASS_PUBLIC_URL: url });
    const login = await sessionOf(service).login();
    assert.deepEqual(attributesOf(login, 'gatepass'), [
      'Path=/',
      'HttpOnly',
      'SameSite=Lax',
      `Max-Age=${DAY}`,
    ]);
    const token = setCookieOf(login, 'gatepass');
    const cookie = { cookie: `gatepass=${token}` };
    const send = (method: string, path: string) =>
      service.send(path, { method, headers: { ...PAGE, ...cookie } });
    assert.equal((await send('POST', '/api/session/refresh')).status, 200, url);
    assert.equal(setCookieOf(await send('DELETE', '/api/session'), 'gatepass'), '');
  }
});

test('without a public URL that keeps cookies, the routes name the setting', async (t) => {
  for (const url of ['', 'http://intranet', 'http://10.0.0.1:8000']) {
    const service = await startWithCookies(t, { GATEPASS_PUBLIC_URL: url });
    const session = sessionOf(service);
    for (const answer of [
      await session.login(),
      await session.refresh('x'),
      await session.logout(),
    ]) {
      assert.equal(answer.status, 404, url);
      assert.equal(answer.body.code, 'no_cookies');
      assert.match(answer.body.detail, /GATEPASS_PUBLIC_URL/);
      assert.deepEqual(answer.headers.getSetCookie(), []);
    }
  }
});

test('a password change keeps the session of the request’s cookie and ends others', async (t) => {
  const service = await startWithCookies(t);
  const session = sessionOf(service);
  const [login, other] = [await session.login(), await session.login()];
  const headers = { authorization: `Bearer ${login.body.access}` };
  const change = { current_password: ALICE.password, new_password: 'another otter 41 swims' };
  assert.equal((await service.post('/api/users/set_password', change, headers)).status, 204);
  assert.equal((await session.refresh(setCookieOf(login) ?? '')).status, 200);
  assert.equal((await session.refresh(setCookieOf(other) ?? '')).status, 401);
});
