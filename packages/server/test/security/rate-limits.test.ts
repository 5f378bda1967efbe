/** docs/security-cases.md, group RL: how often passwords can be tried, through HTTP. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Answer } from '../support/service.ts';
import {
  assertThrottled,
  guessUntilThrottled,
  HOME,
  type Limited,
  MINUTE,
  RIGHT,
  startLimited,
  statusOf,
  VICTIM,
  WRONG,
} from './support/limited.ts';

test('RL01 the eleventh wrong password is 429 without a hash, until fifteen minutes later', async (t) => {
  const service = await startLimited(t);
  await service.registerFrom(HOME);
  for (let i = 0; i < 10; i++) assert.equal((await service.loginFrom(HOME)).status, 401);
  const before = service.hashes();
  service.clock.advance(5 * MINUTE);
  for (const password of [WRONG, RIGHT])
    assertThrottled(await service.loginFrom(HOME, VICTIM, password), 'login-account', 600);
  const russian = await service.post(
    '/api/token',
    { email: VICTIM, password: WRONG },
    { ...service.from(HOME), 'accept-language': 'ru' },
  );
  assert.match(russian.body.detail, /^Запрос был проигнорирован\. Повторите через 600 с\.$/);
  assert.equal(russian.headers.get('ratelimit-policy'), '"login-account";q=10;w=900');
  assert.equal(service.hashes(), before);
  assert.equal((await service.loginFrom(HOME, 'bob@example.com')).status, 401, 'others go on');
  service.clock.advance(10 * MINUTE);
  assert.equal((await service.loginFrom(HOME, VICTIM, RIGHT)).status, 200);
});

test('RL01 simultaneous guesses are limited to ten per account and a hundred per network', async (t) => {
  const service = await startLimited(t);
  const burst = await Promise.all(Array.from({ length: 30 }, () => service.loginFrom(HOME)));
  const looked = burst.filter(({ status }) => status === 401).length;
  assert.equal(looked + (await guessUntilThrottled(() => service.loginFrom(HOME))), 10);
  const outcomes: number[] = [];
  for (let i = 0; i < 100; i++)
    outcomes.push((await service.loginFrom(HOME, `user${i}@example.com`)).status);
  assert.deepEqual(outcomes, [...Array(90).fill(401), ...Array(10).fill(429)]);
  assertThrottled(await service.loginFrom(HOME, 'x@example.com'), 'login-network', 900);
  assert.equal((await service.loginFrom('198.51.100.2', 'x@example.com')).status, 401);
});

test('a right password is not counted and clears mistyped ones', async (t) => {
  const service = await startLimited(t);
  await service.registerFrom(HOME);
  for (let i = 0; i < 4; i++) {
    for (let n = 0; n < 9; n++) assert.equal((await service.loginFrom(HOME)).status, 401);
    assert.equal((await service.loginFrom(HOME, VICTIM, RIGHT)).status, 200);
  }
  const many = Array.from({ length: 20 }, () => service.loginFrom(HOME, VICTIM, RIGHT));
  for (const { status } of await Promise.all(many)) assert.ok([200, 429, 503].includes(status));
  for (let i = 0; i < 110; i++)
    assert.equal((await service.loginFrom(HOME, VICTIM, RIGHT)).status, 200);
  // 36 of the network's hundred are spent, whatever the account of one's own does.
  let wrong = 0;
  while ((await service.loginFrom(HOME, `user${wrong}@example.com`)).status === 401) wrong++;
  assert.equal(wrong, 64);
});

test('RL02 RL03 RL04 a client is identified by its connection, or by a trusted proxy’s header', async (t) => {
  const direct = await startLimited(t, { GATEPASS_TRUSTED_PROXIES: '' });
  for (let i = 0; i < 10; i++) await direct.loginFrom(`203.0.113.${i}`);
  assert.equal((await direct.loginFrom('203.0.113.99')).status, 429, 'one client');
  const warnings = direct.log.filter((line) => line.includes('GATEPASS_TRUSTED_PROXIES'));
  assert.equal(warnings.length, 1, 'and one warning');

  const service = await startLimited(t);
  const spend = async (address: (i: number) => string) => {
    for (let i = 0; i < 10; i++) assert.equal((await service.loginFrom(address(i))).status, 401);
    return (await service.loginFrom(address(10))).status;
  };
  assert.equal(await spend((i) => `203.0.113.${i}, 192.0.2.1`), 429, 'prepending does not help');
  service.clock.advance(2 * 60 * MINUTE);
  assert.equal(await spend((i) => `2001:db8:0:1::${i}`), 429, 'nor a /64 full of addresses');
  assert.equal((await service.loginFrom('2001:db8:0:2::1', 'x@example.com')).status, 401);
  assert.equal((await service.loginFrom('::ffff:192.0.2.7', 'x@example.com')).status, 401);
});

/** Guesses from a network each until the account pauses; returns how many were looked at. */
async function attackFromEverywhere(service: Limited, networks: number, email = VICTIM) {
  const answers: Answer[] = [];
  for (let i = 0; i < networks; i++)
    answers.push(await service.loginFrom(`203.0.${i >> 8}.${i & 255}`, email));
  return answers;
}

test('RL09 two hundred networks together get twenty guesses at an account, then one per pause', async (t) => {
  const service = await startLimited(t);
  await service.registerFrom(HOME);
  const answers = await attackFromEverywhere(service, 200);
  assert.deepEqual(answers.map(statusOf), [...Array(20).fill(401), ...Array(180).fill(429)]);
  const last = answers.at(-1);
  assert.ok(last);
  assertThrottled(last, 'login-failures', 1);
  for (const seconds of [1, 2, 4, 8]) {
    service.clock.advance(seconds * 1000);
    assert.equal((await service.loginFrom('192.0.2.50')).status, 401);
    assert.equal((await service.loginFrom('192.0.2.51')).status, 429);
  }
});

test('RL07 an attack on an account does not lock its owner out', async (t) => {
  const service = await startLimited(t);
  await service.registerFrom(HOME);
  assert.ok((await attackFromEverywhere(service, 40)).some(({ status }) => status === 429));
  assert.equal((await service.loginFrom(HOME, VICTIM, RIGHT)).status, 200, 'where it registered');
  await attackFromEverywhere(service, 40);
  const elsewhere = '198.51.100.77';
  assert.equal(
    (await service.loginFrom(elsewhere, VICTIM, RIGHT)).status,
    429,
    'a new place waits',
  );
  service.clock.advance(15 * MINUTE);
  assert.equal((await service.loginFrom(elsewhere, VICTIM, RIGHT)).status, 200);
  await attackFromEverywhere(service, 40);
  assert.equal((await service.loginFrom(elsewhere, VICTIM, RIGHT)).status, 200, 'and never again');
  // Ten wrong ones from one network are the affair of that network alone.
  await service.registerFrom(HOME, 'bob@example.com');
  for (let i = 0; i < 20; i++) await service.loginFrom('203.0.113.200', 'bob@example.com');
  assert.equal((await service.loginFrom('198.51.100.78', 'bob@example.com', RIGHT)).status, 200);
});

test('RL12 an unknown address is throttled like a known one', async (t) => {
  const service = await startLimited(t);
  await service.registerFrom(HOME);
  const comparable = ({ status, headers, text }: Answer) => {
    const own = new Set(['date', 'x-request-id']);
    return { status, text, headers: [...headers].filter(([name]) => !own.has(name)) };
  };
  const known = [await attackFromEverywhere(service, 30)].flat().map(comparable);
  const unknown = [await attackFromEverywhere(service, 30, 'nobody@example.com')]
    .flat()
    .map(comparable);
  assert.deepEqual(unknown, known);
  for (const spelling of ['Alice@Example.com', ' alice@example.com '])
    assert.equal((await service.loginFrom('203.0.113.9', spelling)).status, 429, spelling);
});
