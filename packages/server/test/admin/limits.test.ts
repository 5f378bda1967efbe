/** Failed logins of others do not lock an administrator out. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { PASSWORD } from '../support/service.ts';
import { ADMIN, startAdministration } from './support/administration.ts';

async function start(t: TestContext) {
  const admin = await startAdministration(t, {
    GATEPASS_RATE_LIMITS: 'on',
    GATEPASS_LIMITS: 'login-failures=2/1h',
    GATEPASS_TRUSTED_PROXIES: '127.0.0.1',
  });
  const send = (url: string, from: string, body: object, headers: Record<string, string> = {}) =>
    fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-forwarded-for': from, ...headers },
      body: JSON.stringify(body),
    });
  const post = (...args: Parameters<typeof send>) => send(...args).then(({ status }) => status);
  const token = await admin.setUp();
  const { url, adminUrl } = admin;
  const body = { email: ADMIN, password: PASSWORD };
  assert.equal(await post(`${adminUrl}/api/admin/setup`, '192.0.2.1', { token, ...body }), 200);
  const logIn = (from: string, password = PASSWORD, to = `${adminUrl}/api/admin/login`) =>
    post(to, from, { email: ADMIN, password });
  /** Guesses from one network after the other, until all but known ones are refused. */
  async function guess(to?: string): Promise<void> {
    for (let at = 1; at <= 20; at++)
      if ((await logIn(`198.51.100.${at}`, 'a wrong one', to)) === 429) return;
    assert.fail('guesses are not limited');
  }
  /** A login at the admin listener from a device. */
  const logInWith = (from: string, device: string) =>
    send(`${adminUrl}/api/admin/login`, from, body, { 'x-known-device': device });
  const confirm = (from: string, headers: Record<string, string>, password = PASSWORD) =>
    post(`${adminUrl}/api/admin/session/confirm`, from, { current_password: password }, headers);
  return { logIn, logInWith, confirm, guess, publicLogin: `${url}/api/token` };
}

test('guesses at the public port and at the admin listener are counted separately', async (t) => {
  const { logIn, guess, publicLogin } = await start(t);
  await guess(publicLogin);
  assert.equal(await logIn('203.0.113.1'), 200);
  assert.equal(await logIn('203.0.113.2', PASSWORD, publicLogin), 429);
});

test('guesses at the admin listener do not block the network in which the account was created', async (t) => {
  const { logIn, guess } = await start(t);
  await guess();
  assert.equal(await logIn('203.0.113.1'), 429);
  assert.equal(await logIn('192.0.2.1'), 200);
});

test('RL07 an administrator with a known device logs in and confirms from a new network while the account is under attack', async (t) => {
  const { logIn, logInWith, confirm, guess } = await start(t);
  const first = await logInWith('192.0.2.1', 'new');
  const device = first.headers.get('x-known-device') ?? '';
  assert.match(device, /^1\.[0-9a-f]{32}\./);
  const { token } = (await first.json()) as { token: string };
  await guess();
  assert.equal(await logIn('203.0.113.1'), 429);
  const again = await logInWith('203.0.113.1', device);
  assert.equal(again.status, 200);
  assert.notEqual(again.headers.get('x-known-device'), device, 'each login has a token of its own');

  const authorization = `Bearer ${token}`;
  for (let at = 1; at <= 3; at++)
    await confirm(`198.51.100.${at}`, { authorization }, 'a wrong one');
  assert.equal(await confirm('203.0.113.2', { authorization }), 429);
  assert.equal(await confirm('203.0.113.2', { authorization, 'x-known-device': device }), 204);
});
