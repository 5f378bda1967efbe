/** Guessing codes: the limits are separate, so that they block no password. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PASSWORD } from '../support/service.ts';
import { ask, MINUTE, startWithFactor } from './support/holder.ts';

const LIMITED = { GATEPASS_RATE_LIMITS: 'on', GATEPASS_TRUSTED_PROXIES: '127.0.0.1' };

test('ten wrong codes from a network are 429 for every challenge, and passwords are still checked', async (t) => {
  const { service, login, challenge, complete, code, sessions } = await startWithFactor(t, LIMITED);
  const before = (await sessions()).length;
  for (let i = 0; i < 10; i++) {
    const answer =
      i % 2 ? await login({ code: '000000' }) : await complete(await challenge(), '000000');
    assert.deepEqual([answer.status, answer.body.code], [401, 'second_factor_invalid'], String(i));
  }
  const refused = await complete(await challenge(), code());
  assert.equal(refused.status, 429, refused.text);
  assert.match(String(refused.headers.get('ratelimit-policy')), /^"factor-network";q=10;w=900$/);
  assert.equal((await login({ code: code() })).status, 429);
  assert.equal((await login()).body.code, 'second_factor_required', 'the password is looked at');
  assert.equal((await sessions()).length, before);
  service.clock.advance(15 * MINUTE);
  assert.equal((await login({ code: code() })).status, 200);
});

test('30 wrong codes a day from unknown networks block further ones, but not the account’s own network', async (t) => {
  const { service, code } = await startWithFactor(t, {
    ...LIMITED,
    GATEPASS_LIMITS: 'login-network=1000/15m,login-account=1000/15m,factor-network=1000/15m',
  });
  const body = { email: 'alice@example.com', password: 'correct horse 9 battery' };
  const from = (network: string, given: string) =>
    service.post('/api/token', { ...body, code: given }, { 'x-forwarded-for': network });
  for (let i = 0; i < 30; i++)
    assert.equal((await from(`203.0.113.${i}`, '000000')).status, 401, String(i));
  const elsewhere = await from('203.0.113.99', code());
  assert.equal(elsewhere.status, 429);
  assert.match(String(elsewhere.headers.get('ratelimit-policy')), /^"factor-account"/);
  const home = await service.post('/api/token', { ...body, code: code() });
  assert.equal(home.status, 200, 'the network that the account was registered from');
});

test('a guess at a step-up is counted like one at a login', async (t) => {
  const { service, pair, login } = await startWithFactor(t, LIMITED);
  const guess = { current_password: 'correct horse 9 battery', code: '000000' };
  for (let i = 0; i < 10; i++)
    assert.equal((await ask(service, 'POST', 'confirm', pair.access, guess)).status, 400);
  assert.equal((await ask(service, 'POST', 'confirm', pair.access, guess)).status, 429);
  assert.equal((await login({ code: '000000' })).status, 429);
});

test('an account is limited to 20 changes of factors an hour, and to 20 codes that would turn an app on', async (t) => {
  const { service, pair, code } = await startWithFactor(t, LIMITED);
  const policy = /^"factor-change";q=20;w=3600$/;
  // Setting up the app made the first attempt of each kind.
  for (let i = 1; i < 20; i++) {
    const guess = await ask(service, 'POST', 'factors/totp/confirm', pair.access, {
      code: '000000',
    });
    assert.equal(guess.status, 400, guess.text);
    const renewed = await ask(service, 'POST', 'factors/recovery_codes', pair.access);
    assert.equal(renewed.status, 200, renewed.text);
  }
  for (const [method, path, body] of [
    ['POST', 'factors/totp', undefined],
    ['POST', 'factors/totp/confirm', { code: code() }],
    ['POST', 'factors/recovery_codes', undefined],
    ['DELETE', 'factors/1', undefined],
  ] as const) {
    const refused = await ask(service, method, path, pair.access, body);
    assert.equal(refused.status, 429, path);
    assert.match(String(refused.headers.get('ratelimit-policy')), policy);
  }
  const body = { email: 'alice@example.com', password: 'correct horse 9 battery', code: code() };
  assert.equal((await service.post('/api/token', body)).status, 200, 'logins go on');
});

test('RL07 MF01 an attacker who knows the password cannot lock the owner out of the second step', async (t) => {
  const { service, code } = await startWithFactor(t, {
    ...LIMITED,
    GATEPASS_LIMITS:
      'login-network=1000/15m,login-account=1000/15m,factor-network=1000/15m,login-success-account=5/1h',
  });
  const body = { email: 'alice@example.com', password: 'correct horse 9 battery' };
  const from = (network: string, more: object = {}, device?: string) =>
    service.post(
      '/api/token',
      { ...body, ...more },
      { 'x-forwarded-for': network, ...(device !== undefined && { 'x-known-device': device }) },
    );
  service.clock.advance(MINUTE);
  const first = await from('198.51.100.1', { code: code() }, 'new');
  assert.equal(first.status, 200, first.text);
  const device = first.headers.get('x-known-device') ?? '';
  service.clock.advance(MINUTE);
  for (let i = 0; i < 5; i++)
    assert.equal((await from('203.0.113.1')).body.code, 'second_factor_required');
  assert.equal((await from('203.0.113.1')).status, 429, 'a network has a limit');
  assert.equal((await from('198.51.100.2')).body.code, 'second_factor_required');
  for (let i = 0; i < 30; i++)
    assert.equal((await from(`192.0.2.${i}`, { code: '000000' })).status, 401, String(i));
  assert.equal((await from('198.51.100.3', { code: code() })).status, 429);
  const { challenge } = (await from('198.51.100.4', {}, device)).body;
  const complete = (known: string) =>
    service.post(
      '/api/token/second_factor',
      { challenge, code: code() },
      { 'x-forwarded-for': '198.51.100.4', 'x-known-device': known },
    );
  assert.equal((await complete('new')).status, 429);
  const completed = await complete(device);
  assert.equal(completed.status, 200, completed.text);
  service.clock.advance(MINUTE);
  const next = completed.headers.get('x-known-device') ?? '';
  assert.equal((await from('198.51.100.5', { code: code() }, next)).status, 200, 'in one step');
});

test('guesses from its network do not block the step-up of a known device', async (t) => {
  const { service, pair, code } = await startWithFactor(t, LIMITED);
  const body = { email: 'alice@example.com', password: PASSWORD };
  service.clock.advance(MINUTE);
  const login = await service.post(
    '/api/token',
    { ...body, code: code() },
    { 'x-known-device': 'new' },
  );
  const device = login.headers.get('x-known-device') ?? '';
  service.clock.advance(MINUTE);
  const confirm = (given: string, headers: Record<string, string> = {}) =>
    service.post(
      '/api/users/me/confirm',
      { current_password: PASSWORD, code: given },
      { authorization: `Bearer ${pair.access}`, ...headers },
    );
  for (let i = 0; i < 10; i++) assert.equal((await confirm('000000')).status, 400, String(i));
  assert.equal((await confirm(code())).status, 429);
  assert.equal((await confirm(code(), { 'x-known-device': device })).status, 200);
  service.clock.advance(MINUTE);
  const cookie = { cookie: `__Host-gatepass-device=${device}` };
  assert.equal((await confirm(code(), cookie)).status, 200, 'as pages in cookie mode have it');
});

test('MF01 confirming only the password does not make a network known if a factor is on', async (t) => {
  const { service, pair, code } = await startWithFactor(t, {
    ...LIMITED,
    GATEPASS_LIMITS: 'login-network=1000/15m,factor-network=1000/15m',
  });
  const password = 'correct horse 9 battery';
  const body = { email: 'alice@example.com', password };
  const from = (network: string, given: string) =>
    service.post('/api/token', { ...body, code: given }, { 'x-forwarded-for': network });
  for (let i = 0; i < 30; i++)
    assert.equal((await from(`192.0.2.${i}`, '000000')).status, 401, String(i));
  const network = '198.51.100.9';
  await service.post(
    '/api/users/me/confirm',
    { current_password: password, code: '000000' },
    { authorization: `Bearer ${pair.access}`, 'x-forwarded-for': network },
  );
  assert.equal((await from(network, code())).status, 429);
});
