/** The device's cookie: set by each login, kept by a logout, of no use elsewhere. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attributesOf, PAGE, sessionOf, setCookieOf, startWithCookies } from './support/page.ts';

const DEVICE = '__Host-gatepass-device';
const LIMITED = { GATEPASS_RATE_LIMITS: 'on', GATEPASS_TRUSTED_PROXIES: '127.0.0.1' };
const WRONG = { email: 'alice@example.com', password: 'wrong otter 41' };
const from = (address: string) => ({ ...PAGE, 'x-forwarded-for': address });

test('RL07 a page logs in from a new network with its cookie while the account is under attack', async (t) => {
  const service = await startWithCookies(t, LIMITED);
  const { login, logout } = sessionOf(service);
  const first = await login(from('198.51.100.1'));
  const device = setCookieOf(first, DEVICE) ?? '';
  assert.deepEqual(attributesOf(first, DEVICE), [
    'Path=/',
    'Secure',
    'HttpOnly',
    'SameSite=Lax',
    'Max-Age=7776000',
  ]);
  assert.equal(first.headers.get('x-known-device'), null);
  const left = await logout(setCookieOf(first));
  assert.equal(setCookieOf(left, DEVICE), undefined, 'a logout keeps it');

  for (let i = 0; (await login(from(`192.0.2.${i}`), WRONG)).status === 401; i++)
    assert.ok(i < 100);
  const away = from('203.0.113.77');
  assert.equal((await login(away)).status, 429);
  const again = await login({ ...away, cookie: `${DEVICE}=${device}` });
  assert.equal(again.status, 200);
  assert.notEqual(setCookieOf(again, DEVICE), device);
});

test('a wrong password sets no device cookie, and a device token is not a session token', async (t) => {
  const service = await startWithCookies(t);
  const session = sessionOf(service);
  assert.deepEqual((await session.login(PAGE, WRONG)).headers.getSetCookie(), []);
  const device = setCookieOf(await session.login(), DEVICE) ?? '';
  assert.equal((await session.refresh(device)).status, 401);
  assert.equal((await service.refresh(device)).status, 401);
  assert.equal((await session.refreshWith(`${DEVICE}=${device}`)).status, 401);
});
