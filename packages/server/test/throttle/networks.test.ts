/** What counts as one network, and how much wider ones may do; settings that change single limits. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { rowsOf } from '../../../../test/support/markdown.ts';
import { ConfigError, readConfig } from '../../src/config/config.ts';
import { DEFAULT_RATES } from '../../src/config/limits.ts';
import { widerNetworksOf } from '../../src/config/network-address.ts';
import { createSessionLimit } from '../../src/throttle/session-limit.ts';
import {
  assertThrottled,
  HOME,
  MINUTE,
  RIGHT,
  startLimited,
  VICTIM,
} from '../security/support/limited.ts';
import { newSharedDatabase } from '../support/databases.ts';

const HOUR = 60 * MINUTE;

test('a /64 belongs to a /56 and a /48 in any spelling, and an IPv4 address to none', () => {
  assert.deepEqual(widerNetworksOf('2001:db8:1:2fe::/64'), [
    '2001:db8:1:200::/56',
    '2001:db8:1::/48',
  ]);
  assert.deepEqual(widerNetworksOf('2001:db8:0:ff::/64'), ['2001:db8:0:0::/56', '2001:db8:0::/48']);
  assert.deepEqual(widerNetworksOf('0:0:0:0::/64'), ['0:0:0:0::/56', '0:0:0::/48']);
  assert.deepEqual(widerNetworksOf('192.0.2.1'), []);
});

test('AB05 the networks of a /56 together have three times the limit of one, those of a /48 ten times', async (t) => {
  const service = await startLimited(t, {
    GATEPASS_LIMITS: 'login-network=4/15m,register-network=2/1h',
  });
  let n = 0;
  const guess = (network: string) =>
    service.loginFrom(`2001:db8:1:${network}::${++n}`, `user${n}@example.com`);
  const looked: Record<string, number> = {};
  for (let subnet = 0; subnet < 5; subnet++)
    for (let i = 0; i < 5; i++)
      for (let k = 0; k < 4; k++) {
        const { status } = await guess(`${subnet}0${i}`);
        if (status === 401) looked[subnet] = (looked[subnet] ?? 0) + 1;
      }
  assert.deepEqual(looked, { 0: 12, 1: 12, 2: 12, 3: 4 });
  const refused = await guess('ffff');
  assertThrottled(refused, 'login-network', 900);
  assert.equal(refused.headers.get('ratelimit-policy'), '"login-network";q=40;w=900');
  assert.equal((await service.loginFrom('2001:db8:2:1::1', 'x@example.com')).status, 401);

  const register = (network: string, i: number) =>
    service.registerFrom(`2001:db8:9:${network}::1`, `new${network}${i}@example.com`);
  const created: number[] = [];
  for (const network of ['1', '2', '3', '4'])
    for (let i = 0; i < 2; i++) created.push((await register(network, i)).status);
  assert.deepEqual(created, [201, 201, 201, 201, 201, 201, 429, 429]);
});

test('an honest login in a crowded /48 takes its own count back, also from the wider networks', async (t) => {
  const service = await startLimited(t, { GATEPASS_LIMITS: 'login-network=1/15m' });
  await service.registerFrom('2001:db8:1:1::1');
  for (let i = 0; i < 12; i++)
    assert.equal((await service.loginFrom(`2001:db8:1:1::${i}`, VICTIM, RIGHT)).status, 200);
});

test('single limits can be changed, and a fault names the entry and the existing limits', async (t) => {
  const service = await startLimited(t, {
    GATEPASS_LIMITS: 'register-network=12/1h, login-failures=3/2s',
  });
  for (let i = 0; i < 12; i++)
    assert.equal((await service.registerFrom(HOME, `user${i}@example.com`)).status, 201);
  assertThrottled(await service.registerFrom(HOME, 'x@example.com'), 'register-network', 3600);
  for (let i = 0; i < 3; i++) assert.equal((await service.loginFrom(`203.0.113.${i}`)).status, 401);
  assertThrottled(await service.loginFrom('203.0.113.9'), 'login-failures', 1);
  service.clock.advance(MINUTE);
  for (let i = 0; i < 9; i++) {
    service.clock.advance(2000);
    assert.equal((await service.loginFrom(`203.0.114.${i}`)).status, 401, 'pauses end at 2 s');
  }

  const faultOf = (text: string) => {
    try {
      readConfig({ GATEPASS_LIMITS: text });
      return '';
    } catch (error) {
      assert.ok(error instanceof ConfigError);
      return error.faults.join('\n');
    }
  };
  assert.match(
    faultOf('registr-network=50/1h'),
    /names registr-network.*did you mean register-network\?/,
  );
  assert.match(
    faultOf('login=50/1h'),
    /names login, which is no limit.*login-account, login-network/,
  );
  for (const bad of [
    'login-network=200',
    'login-network=0/15m',
    'login-network=5/15',
    'login-network=5/8d',
  ])
    assert.match(faultOf(bad), /GATEPASS_LIMITS has no COUNT\/DURATION .* for login-network/, bad);
  assert.match(faultOf('login-network=5/15m,login-network=6/15m'), /names login-network twice/);
  assert.equal(faultOf('login-network=200/15m , register-network=50/1h'), '');
});

test('nodes with different secrets share one budget, because buckets have their own key', async (t) => {
  const url = await newSharedDatabase(t);
  const other = '2b7e151628aed2a6abf7158809cf4f3c762e7160f38b4da56a784d9045190cfe';
  const nodes = [
    await startLimited(t, { GATEPASS_DATABASE_URL: url }),
    await startLimited(t, { GATEPASS_DATABASE_URL: url, GATEPASS_SECRET: other }),
  ];
  for (let i = 0; i < 10; i++) assert.equal((await nodes[i % 2]?.loginFrom(HOME))?.status, 401);
  for (const node of nodes) assert.equal((await node.loginFrom(HOME)).status, 429);
  await nodes[0]?.registerFrom('198.51.100.9');
});

test('sessions that refresh at their limit do not affect others', () => {
  const limit = createSessionLimit({ quota: 60, windowMs: MINUTE });
  const now = Date.UTC(2026, 0, 2);
  for (let session = 0; session < 2000; session++)
    for (let i = 0; i < 60; i++) limit(`busy${session}`, now);
  assert.notEqual(limit('busy7', now), undefined);
  let refused = 0;
  for (let session = 0; session < 100_000; session++)
    if (limit(`other${session}`, now) !== undefined) refused++;
  assert.ok(refused <= 40, `${refused} of 100,000 sessions were held up by others`);
});

test('docs/configuration.md and docs/security.md have every limit, with its default', () => {
  const page = (name: string) =>
    readFileSync(new URL(`../../../../docs/${name}`, import.meta.url), 'utf8');
  const settings = rowsOf(page('configuration.md'));
  const limits = rowsOf(page('security.md'));
  for (const [name, { quota, windowMs }] of Object.entries(DEFAULT_RATES)) {
    const window = windowMs % HOUR === 0 ? `${windowMs / HOUR}h` : `${windowMs / MINUTE}m`;
    const row = settings.find(([first]) => first === `\`${name}\``);
    assert.equal(row?.[1], `\`${quota}/${window}\``, name);
    const described = limits.find(([first]) => first === `\`${name}\``);
    assert.ok(described?.at(-1)?.startsWith(`${quota}`), name);
  }
});
