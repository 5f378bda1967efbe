/** `storage: 'cookie'`: the refresh token is in a cookie that no script sees; the service is scripted. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createClient } from '../src/index.ts';
import { createFake, NO_ANSWER, type Reply, token } from './support/fake-service.ts';
import { openPage } from './support/page.ts';

const OPEN = 'POST /api/session';
const RENEW = 'POST /api/session/refresh';
const END = 'DELETE /api/session';
const ME = 'GET /api/users/me';
const LOGIN = ['alice@example.com', 'secret'] as const;
const USER = { body: { id: 1, email: 'alice@example.com' } };

const NO_COOKIE = {
  status: 401,
  body: { detail: 'There is no session cookie.', code: 'no_session_cookie' },
};

let browsers = 0;

/** A browser with one cookie jar, whose service answers the routes of the cookie. */
function openBrowser(t: TestContext) {
  openPage(t, { location: { value: { href: 'https://id.example/' } } });
  const channel = `cookie ${++browsers}`;
  const jar = { session: '', serial: 0 };
  const requests: { call: string; credentials: string; body: string }[] = [];
  const faults: (Reply | Error | Promise<Reply>)[] = [];
  const script = async (call: string, request: Request): Promise<Reply | Error> => {
    requests.push({ call, credentials: request.credentials, body: await request.clone().text() });
    const access = () => ({ body: { access: token(300, ++jar.serial, jar.session) } });
    if (call === ME) return USER;
    const fault = faults.shift();
    if (fault) return fault;
    if (call === OPEN) jar.session = `session ${++jar.serial}`;
    if (call === END) jar.session = '';
    if (call === END) return { status: 204 };
    return jar.session ? access() : NO_COOKIE;
  };
  const openTab = (own: string | false = channel) => {
    const tab = createFake(script, { storage: 'cookie', channel: own });
    t.after(tab.client.close);
    return tab;
  };
  const count = (call: string) => requests.filter((each) => each.call === call).length;
  return { openTab, jar, requests, faults, count };
}

test('CK03 login, refresh and logout use the cookie and no token in a body', async (t) => {
  const { openTab, requests } = openBrowser(t);
  const { client, changes, advance, authorizations } = openTab();
  assert.equal(await client.ready, false);
  await client.login(...LOGIN);
  advance(300_000);
  assert.deepEqual(await client.user(), USER.body);
  await client.logout();
  assert.deepEqual(requests, [
    { call: RENEW, credentials: 'include', body: '' },
    {
      call: OPEN,
      credentials: 'include',
      body: '{"email":"alice@example.com","password":"secret"}',
    },
    { call: RENEW, credentials: 'include', body: '' },
    { call: ME, credentials: 'same-origin', body: '' },
    { call: END, credentials: 'include', body: '' },
  ]);
  assert.equal(authorizations.filter(Boolean).length, 1);
  assert.deepEqual(changes, ['login', 'logout']);
});

test('CK03 a reload keeps the login; nothing waits for `ready`', async (t) => {
  const { openTab, count } = openBrowser(t);
  const before = openTab(false);
  await before.client.login(...LOGIN);
  before.client.close();
  const asked = count(RENEW);
  const after = openTab(false);
  assert.equal(after.client.isLoggedIn, false);
  assert.deepEqual(await after.client.user(), USER.body);
  assert.equal(await after.client.ready, true);
  assert.equal(count(RENEW) - asked, 1);
  assert.deepEqual(after.changes, ['login']);
});

test('CK03 twenty tabs that open at once send one request', async (t) => {
  const { openTab, count } = openBrowser(t);
  const first = openTab();
  await first.client.login(...LOGIN);
  first.client.close();
  const asked = count(RENEW);
  const tabs = Array.from({ length: 20 }, () => openTab());
  assert.deepEqual(
    await Promise.all(tabs.map(({ client }) => client.ready)),
    tabs.map(() => true),
  );
  assert.equal(count(RENEW) - asked, 1);
  await tabs[7]?.client.logout();
  while (tabs.some(({ client }) => client.isLoggedIn)) await new Promise(setImmediate);
  for (const { changes } of tabs) assert.deepEqual(changes, ['login', 'logout']);
});

test('a login waits for the refresh of another tab, whose late refusal clears the cookie', async (t) => {
  const { openTab, faults, count } = openBrowser(t);
  const late = Promise.withResolvers<Reply>();
  faults.push(late.promise);
  openTab();
  while (!count(RENEW)) await new Promise(setImmediate);
  const { client } = openTab();
  const login = client.login(...LOGIN);
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(count(OPEN), 0);
  late.resolve(NO_COOKIE);
  await login;
  assert.equal(client.isLoggedIn, true);
});

test('a lost response is retried, and an unreachable service logs no user out', async (t) => {
  const { openTab, faults } = openBrowser(t);
  const before = openTab(false);
  await before.client.login(...LOGIN);
  faults.push(NO_ANSWER);
  assert.equal(await openTab(false).client.ready, true);

  faults.push({ status: 503, headers: { 'retry-after': '3600' } });
  const away = openTab(false);
  assert.equal(await away.client.ready, false);
  assert.deepEqual(await away.client.user(), USER.body);
  assert.equal(away.client.isLoggedIn, true);
});

test('without a cookie the client asks once and has no login', async (t) => {
  const { openTab, requests } = openBrowser(t);
  const { client, changes } = openTab(false);
  await assert.rejects(client.user(), { code: 'not_logged_in' });
  await assert.rejects(client.user(), { code: 'not_logged_in' });
  assert.equal(await client.ready, false);
  assert.deepEqual(
    requests.map(({ call }) => call),
    [RENEW],
  );
  assert.deepEqual(changes, []);
});

test('logout sends its request even if no login is known, and rejects when it fails', async (t) => {
  const { openTab, faults, count, jar } = openBrowser(t);
  const before = openTab(false);
  await before.client.login(...LOGIN);
  faults.push({ status: 503, headers: { 'retry-after': '3600' } });
  await assert.rejects(before.client.logout(), { code: 'unavailable' });
  assert.equal(before.client.isLoggedIn, false);
  await assert.rejects(before.client.user(), { code: 'not_logged_in' });
  await before.client.logout();
  assert.deepEqual([count(END), jar.session], [2, '']);
});

test('a session that ended elsewhere ends in the client', async (t) => {
  const { openTab, jar } = openBrowser(t);
  const { client, changes, advance } = openTab(false);
  await client.login(...LOGIN);
  jar.session = '';
  advance(300_000);
  await assert.rejects(client.user(), { code: 'session_ended' });
  assert.deepEqual(changes, ['login', 'session_ended']);
});

test('on a server the client sends no request and keeps no login', async () => {
  const sent: unknown[] = [];
  const client = createClient({
    url: '/',
    storage: 'cookie',
    fetch: async (input) => {
      sent.push(input);
      return Response.json({});
    },
  });
  assert.equal(await client.ready, false);
  assert.equal(client.isLoggedIn, false);
  await assert.rejects(client.login(...LOGIN), TypeError);
  await assert.rejects(client.fetch('/api/users/me'), { code: 'not_logged_in' });
  assert.deepEqual(sent, []);
});
