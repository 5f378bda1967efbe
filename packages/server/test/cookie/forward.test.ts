/** Forward authentication by the session's cookie, where GATEPASS_FORWARD_COOKIE is on. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readConfig } from '../../src/config/config.ts';
import { accountsOf } from '../security/support/accounts.ts';
import type { Service } from '../support/service.ts';
import { until } from '../support/until.ts';
import { NAME, PAGE, PUBLIC, sessionOf, setCookieOf, startWithCookies } from './support/page.ts';

const ON = { GATEPASS_FORWARD_COOKIE: 'true', GATEPASS_COOKIE_ORIGINS: 'https://app.example.com' };
const MINUTE = 60_000;
type Headers = Record<string, string>;

const ask = (service: Service, token: string, headers: Headers = PAGE) =>
  service.send('/api/token/verify', { headers: { cookie: `${NAME}=${token}`, ...headers } });

test('the cookie counts only if enabled, and only for reads by pages of the site', async (t) => {
  const off = await startWithCookies(t);
  assert.equal((await ask(off, setCookieOf(await sessionOf(off).login()) ?? '')).status, 401);

  const service = await startWithCookies(t, ON);
  const login = await sessionOf(service).login();
  const token = setCookieOf(login) ?? '';
  const admitted: Headers[] = [
    PAGE,
    { 'sec-fetch-site': 'same-site' },
    { origin: PUBLIC },
    { origin: 'https://app.example.com', 'sec-fetch-site': 'same-site' },
    { ...PAGE, 'x-forwarded-method': 'GET' },
    { ...PAGE, 'x-forwarded-method': 'HEAD' },
  ];
  for (const headers of admitted) {
    const answer = await ask(service, token, headers);
    assert.equal(answer.status, 200, JSON.stringify(headers));
    assert.equal(answer.headers.get('x-gatepass-user-id'), '1');
    assert.match(answer.headers.get('x-gatepass-session-id') ?? '', /^[\w-]{22,}$/);
    assert.deepEqual(answer.headers.getSetCookie(), []);
  }
  const refused: Headers[] = [
    {},
    { 'sec-fetch-site': 'none' },
    { 'sec-fetch-site': 'cross-site' },
    // A WebSocket of a sibling could be read by its page.
    { origin: 'https://sibling.example.com', 'sec-fetch-site': 'same-site' },
    { origin: 'null', 'sec-fetch-site': 'same-site' },
    { ...PAGE, 'x-forwarded-method': 'POST' },
    { ...PAGE, 'x-original-method': 'DELETE' },
    { ...PAGE, authorization: 'Basic YTpi' },
    { ...PAGE, authorization: `Bearer ${token}` },
  ];
  for (const headers of refused) {
    const answer = await ask(service, token, headers);
    const isBasic = headers['authorization']?.startsWith('Basic');
    assert.equal(answer.status, isBasic ? 200 : 401, JSON.stringify(headers));
  }
  const { access } = login.body;
  const both = await ask(service, 'garbage', { ...PAGE, authorization: `Bearer ${access}` });
  assert.equal(both.status, 200, 'a header counts before the cookie');
  const { refresh } = (await service.login()).body;
  for (const bad of [refresh, access, 'garbage', '', `${token}A`])
    assert.equal((await ask(service, bad)).status, 401);
});

test('the session is read once in the life of an access token, and a logout takes effect at once', async (t) => {
  const service = await startWithCookies(t, ON);
  const session = sessionOf(service);
  const token = setCookieOf(await session.login()) ?? '';
  const { db } = service.database;
  const endUnseen = (ended_at: number | null) =>
    db.updateTable('sessions').set({ ended_at }).execute();
  const statuses = () =>
    Promise.all(Array.from({ length: 20 }, async () => (await ask(service, token)).status));
  assert.deepEqual(await statuses(), Array(20).fill(200));
  await endUnseen(1);
  service.clock.advance(4 * MINUTE);
  assert.deepEqual(await statuses(), Array(20).fill(200), 'from memory');
  service.clock.advance(2 * MINUTE);
  assert.deepEqual(await statuses(), Array(20).fill(401));
  await endUnseen(null);
  assert.deepEqual(await statuses(), Array(20).fill(401), 'a refusal is remembered too');
  service.clock.advance(11_000);
  assert.deepEqual(await statuses(), Array(20).fill(200));
  await session.logout(token);
  assert.deepEqual(await statuses(), Array(20).fill(401));
});

test('an end takes effect even if the session was long used by its cookie only', async (t) => {
  const service = await startWithCookies(t, { ...ON, GATEPASS_REFRESH_TOKEN_LIFETIME: '14d' });
  const session = sessionOf(service);
  const token = setCookieOf(await session.login()) ?? '';
  for (let i = 0; i < 12; i++) {
    service.clock.advance(10 * MINUTE);
    assert.equal((await ask(service, token)).status, 200);
  }
  const { access } = (await session.login()).body;
  await service.send('/api/sessions?scope=others', {
    method: 'DELETE',
    headers: { authorization: `Bearer ${access}` },
  });
  assert.equal((await ask(service, token)).status, 401);
});

test('forward authentication by cookie rotates nothing, so images do not disturb the page', async (t) => {
  const service = await startWithCookies(t, { ...ON, GATEPASS_ROTATE_REFRESH_TOKENS: 'true' });
  const session = sessionOf(service);
  const first = setCookieOf(await session.login()) ?? '';
  assert.equal((await ask(service, first)).status, 200);
  service.clock.advance(MINUTE);
  const second = setCookieOf(await session.refresh(first)) ?? '';
  assert.equal((await ask(service, second)).status, 200);
  assert.equal((await ask(service, first)).status, 200, 'on its way when the page refreshed');
  service.clock.advance(MINUTE);
  const third = setCookieOf(await session.refresh(second)) ?? '';
  service.clock.advance(10 * MINUTE);
  assert.equal((await ask(service, first)).status, 401, 'spent');
  assert.equal((await session.refresh(third)).status, 200, 'and the session goes on');
});

test('changed claims and a disabled account take effect as for any access token', async (t) => {
  const service = await startWithCookies(t, { ...ON, GATEPASS_FORWARD_CLAIMS: 'role' });
  const token = setCookieOf(await sessionOf(service).login()) ?? '';
  assert.equal((await ask(service, token)).headers.get('x-gatepass-claim-role'), '-');
  const { setClaims, disable } = await accountsOf(service);
  await setClaims({ role: 'admin' });
  const roleIs = async (role: string | null) =>
    (await ask(service, token)).headers.get('x-gatepass-claim-role') === role;
  // Both are changed by another process.
  await until('the claim is there', () => roleIs('admin'));
  await disable();
  await until('refused', async () => (await ask(service, token)).status === 401);
});

test('GATEPASS_FORWARD_COOKIE needs a public URL that keeps cookies', () => {
  assert.throws(
    () => readConfig({ GATEPASS_FORWARD_COOKIE: 'true' }),
    /GATEPASS_PUBLIC_URL must be an https URL where GATEPASS_FORWARD_COOKIE is true/,
  );
});
