/** Pages that a server renders for visitors with a session in a cookie, before the real service. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { visit } from '../src/server.ts';
import { EMAIL, PASSWORD, startWithAlice } from './support/device.ts';

const origin = 'https://id.example.com';

async function start(t: TestContext) {
  const service = await startWithAlice(t, {
    GATEPASS_PUBLIC_URL: origin,
    GATEPASS_ROTATE_REFRESH_TOKENS: 'true',
  });
  const { url } = service;
  const logIn = async (email = EMAIL) => {
    const response = await fetch(`${url}/api/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin },
      body: JSON.stringify({ email, password: PASSWORD }),
    });
    assert.equal(response.status, 200);
    return cookieOf(response.headers.getSetCookie());
  };
  const open = (cookie?: string, options = {}) =>
    visit(new Request('https://app.example/', { headers: cookie ? { cookie } : {} }), {
      url,
      origin,
      ...options,
    });
  return { service, logIn, open };
}

/** The session's cookie; that of the device is beside it. */
const cookieOf = (set: readonly string[]) =>
  set.find((each) => each.startsWith('__Host-gatepass='))?.split(';')[0] ?? '';

test('each visitor gets their own page and the new cookie', async (t) => {
  const { service, logIn, open } = await start(t);
  await service.register('bob@example.com');
  const [alice, bob] = [await logIn(), await logIn('bob@example.com')];
  const visits = await Promise.all([open(`a=1; ${alice}; b=2`), open(), open(bob)]);
  assert.deepEqual(
    visits.map(({ user }) => user?.email),
    [EMAIL, undefined, 'bob@example.com'],
  );
  const [{ setCookies, access }] = visits;
  assert.match(access ?? '', /^eyJ/);
  service.clock.advance(60_000);
  const next = await open(cookieOf(setCookies));
  assert.equal(next.user?.email, EMAIL);
  assert.notEqual(cookieOf(next.setCookies), alice);
});

test('an ended session is no login, and its cookie is cleared', async (t) => {
  const { service, logIn, open } = await start(t);
  const cookie = await logIn();
  const ended = await fetch(`${service.url}/api/session`, {
    method: 'DELETE',
    headers: { cookie, origin },
  });
  assert.equal(ended.status, 204);
  const { user, setCookies, error } = await open(cookie);
  assert.deepEqual([user, error], [undefined, undefined]);
  assert.match(setCookies[0] ?? '', /^__Host-gatepass=;.*Max-Age=0/);
});

test('an unreachable service or a refused origin is reported beside a page without a login', async (t) => {
  const { logIn, open } = await start(t);
  const cookie = await logIn();
  const refused = await open(cookie, { origin: 'https://evil.example' });
  assert.equal(refused.user, undefined);
  assert.match(String(refused.error), /refresh with 403/);
  const away = await open(cookie, { fetch: () => Promise.reject(new TypeError('fetch failed')) });
  assert.match(String(away.error), /fetch failed/);
});

test('only the session’s cookie, the address and the browser of a visitor are passed on', async () => {
  const seen: Headers[] = [];
  const request = new Request('https://app.example/', {
    headers: {
      cookie: 'other=secret; gatepass=token',
      'user-agent': 'Firefox',
      'x-forwarded-for': '203.0.113.9',
    },
  });
  await visit(request, {
    url: 'http://127.0.0.1:1',
    origin,
    fetch: async (_input, init) => {
      seen.push(new Headers(init?.headers));
      return Response.json({ access: 'a' });
    },
  });
  const [first, second] = seen;
  assert.equal(first?.get('cookie'), 'gatepass=token');
  assert.equal(second?.get('cookie'), null);
  for (const headers of seen) {
    assert.equal(headers.get('user-agent'), 'Firefox');
    assert.equal(headers.get('x-forwarded-for'), '203.0.113.9');
  }
});
