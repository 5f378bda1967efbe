/** docs/security-cases.md, CK01 and CK02: which requests may use the session's cookie, and CORS for them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigError, readConfig } from '../../src/config/config.ts';
import type { Answer, Service } from '../support/service.ts';
import { ALICE, PAGE, PUBLIC, sessionOf, setCookieOf, startWithCookies } from './support/page.ts';

const APP = 'https://app.example.com';
const LISTED = { GATEPASS_COOKIE_ORIGINS: APP, GATEPASS_CORS_ORIGINS: 'https://cors.example.com' };
const JSON_TYPE = { 'content-type': 'application/json' };
type Headers = Record<string, string>;

const REFUSED: Headers[] = [
  {},
  { 'sec-fetch-site': 'none' },
  { 'sec-fetch-site': 'same-site' },
  { 'sec-fetch-site': 'cross-site' },
  { 'sec-fetch-site': 'Same-Origin' },
  { 'sec-fetch-site': 'same-origin, cross-site' },
  { origin: 'null' },
  { origin: 'null', 'sec-fetch-site': 'same-site' },
  { origin: '' },
  { origin: 'https://evil.test', 'sec-fetch-site': 'cross-site' },
  { origin: 'https://other.example.com', 'sec-fetch-site': 'same-site' },
  { origin: 'http://id.example.com' },
  { origin: `${PUBLIC}:8443` },
  { origin: `${PUBLIC}.evil.test` },
  { origin: `${PUBLIC}, https://evil.test` },
  { origin: `${PUBLIC}/` },
  // May call the API with tokens; cookies are another list.
  { origin: 'https://cors.example.com', 'sec-fetch-site': 'same-site' },
  // What is in Host is no proof of a page.
  { origin: 'http://127.0.0.1' },
  { referer: `${PUBLIC}/login` },
];
const ADMITTED: Headers[] = [
  PAGE,
  { origin: PUBLIC },
  { origin: PUBLIC, 'sec-fetch-site': 'same-site' },
  { origin: APP },
  { origin: APP, 'sec-fetch-site': 'same-site' },
  { origin: APP, 'sec-fetch-site': 'cross-site' },
  { origin: 'http://localhost:5173', 'sec-fetch-site': 'same-origin' },
];
/** What a form of any page can send. */
const FORMS: Headers[] = [
  { 'content-type': 'text/plain' },
  { 'content-type': 'text/plain; charset=application/json' },
  { 'content-type': 'TEXT/PLAIN' },
  { 'content-type': 'application/x-www-form-urlencoded' },
  { 'content-type': 'multipart/form-data; boundary=x' },
];

const stateOf = async ({ database: { db } }: Service) => ({
  counts: await db.selectFrom('throttle_counts').selectAll().execute(),
  sessions: await db.selectFrom('sessions').selectAll().execute(),
});

/** Every cookie route, asked with these headers. */
async function askAll(service: Service, token: string, headers: Headers) {
  const cookie = `__Host-gatepass=${token}`;
  const body = JSON.stringify({ ...ALICE, password: 'wrong otter 41' });
  const type = headers['content-type'] === undefined ? JSON_TYPE : {};
  const send = (method: string, path: string, init: RequestInit = {}) =>
    service.send(path, { method, headers: { cookie, ...type, ...headers }, ...init });
  return [
    await send('POST', '/api/session', { body }),
    await send('POST', '/api/session/', { body: Buffer.from(body) }),
    await send('POST', '/api/session/refresh', headers['content-type'] ? { body } : {}),
    await send('DELETE', '/api/session', headers['content-type'] ? { body } : {}),
  ];
}

test('CK01 other pages, and requests that name none, get 403: no cookie, no attempt, no logout', async (t) => {
  const service = await startWithCookies(t, { ...LISTED, GATEPASS_RATE_LIMITS: 'on' });
  const session = sessionOf(service);
  const token = setCookieOf(await session.login()) ?? '';
  const before = await stateOf(service);
  const hostile = [
    ...REFUSED.map((headers) => ({ headers, code: 'cross_site_request' })),
    ...FORMS.map((form) => ({ headers: { ...PAGE, ...form }, code: 'form_not_accepted' })),
    ...FORMS.map((form) => ({ headers: form, code: 'cross_site_request' })),
  ];
  for (const { headers, code } of hostile)
    for (const answer of await askAll(service, token, headers)) {
      assert.equal(answer.status, 403, `${JSON.stringify(headers)}: ${answer.text}`);
      assert.equal(answer.body.code, code);
      assert.deepEqual(answer.headers.getSetCookie(), []);
      assert.equal(answer.headers.get('vary'), 'Origin');
      assert.equal(answer.headers.get('access-control-allow-origin'), null);
    }
  assert.deepEqual(await stateOf(service), before);
  assert.equal((await session.refresh(token)).status, 200);
  const xml = await service.post('/api/session', '<a/>', { ...PAGE, 'content-type': 'text/xml' });
  assert.equal(xml.status, 415, 'no form sends it');
});

test('CK01 our own page and listed pages log in, refresh and log out', async (t) => {
  const service = await startWithCookies(t, LISTED);
  const session = sessionOf(service);
  for (const headers of ADMITTED) {
    const login = await session.login(headers);
    const token = setCookieOf(login) ?? '';
    assert.equal(login.status, 200, JSON.stringify(headers));
    assert.equal((await session.refresh(token, headers)).status, 200);
    assert.equal((await session.logout(token, headers)).status, 204);
  }
});

test('CK02 only listed origins get CORS with credentials, and only on these routes', async (t) => {
  const service = await startWithCookies(t, LISTED);
  const preflight = (path: string, origin: string, method = 'POST') =>
    service.send(path, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': method },
    });
  const allowed = ({ headers }: Answer) => ({
    origin: headers.get('access-control-allow-origin'),
    credentials: headers.get('access-control-allow-credentials'),
  });
  for (const [path, method] of [
    ['/api/session', 'POST'],
    ['/api/session', 'DELETE'],
    ['/api/session/refresh', 'POST'],
    ['/api/session/refresh/', 'POST'],
  ] as const) {
    const listed = await preflight(path, APP, method);
    assert.equal(listed.status, 204);
    assert.deepEqual(allowed(listed), { origin: APP, credentials: 'true' });
    assert.equal(listed.headers.get('vary'), 'Origin');
    for (const origin of ['https://cors.example.com', 'https://evil.test', 'null'])
      assert.deepEqual(allowed(await preflight(path, origin, method)), {
        origin: null,
        credentials: null,
      });
  }
  const login = await sessionOf(service).login({ origin: APP });
  assert.deepEqual(allowed(login), { origin: APP, credentials: 'true' });
  const same = await sessionOf(service).login({ origin: 'https://evil.test', ...PAGE });
  assert.deepEqual(allowed(same), { origin: null, credentials: null }, 'never a reflected origin');
  for (const path of ['/api/users/me', '/api/token', '/api/sessions', '/api/nothing', '/healthz'])
    assert.deepEqual(
      allowed(await preflight(path, APP)),
      { origin: null, credentials: null },
      path,
    );
});

test('CK02 the list accepts exact web origins only, and needs a public URL that keeps cookies', () => {
  const read = (variables: Headers) => readConfig({ GATEPASS_PUBLIC_URL: PUBLIC, ...variables });
  assert.deepEqual(
    read({ GATEPASS_COOKIE_ORIGINS: `${APP},http://localhost:5173` }).cookieOrigins,
    [APP, 'http://localhost:5173'],
  );
  for (const bad of ['https://*.example.com', 'capacitor://localhost', '*', 'null', `${APP}/`])
    assert.throws(() => read({ GATEPASS_COOKIE_ORIGINS: bad }), ConfigError, bad);
  for (const url of ['', 'http://intranet'])
    assert.throws(
      () => read({ GATEPASS_COOKIE_ORIGINS: APP, GATEPASS_PUBLIC_URL: url }),
      /GATEPASS_PUBLIC_URL must be an https URL where GATEPASS_COOKIE_ORIGINS/,
    );
});
