/** Right passwords are limited too: per account and per network, before anything is hashed. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { DEFAULT_RATES, type Rates } from '../../src/config/limits.ts';
import { openDatabase } from '../../src/database/open.ts';
import { isRefusal } from '../../src/errors.ts';
import { createThrottleStore } from '../../src/throttle/store.ts';
import { createThrottle } from '../../src/throttle/throttle.ts';
import {
  assertThrottled,
  HOME,
  MINUTE,
  RIGHT,
  startLimited,
  statusOf,
  VICTIM,
} from '../security/support/limited.ts';
import { newDatabase } from '../support/databases.ts';

test('right passwords of an account are limited over all networks, and refused unhashed', async (t) => {
  const service = await startLimited(t, { GATEPASS_LIMITS: 'login-success-account=5/1h' });
  await service.registerFrom(HOME);
  for (let i = 0; i < 5; i++)
    assert.equal((await service.loginFrom(`203.0.113.${i}`, VICTIM, RIGHT)).status, 200);
  const before = service.hashes();
  const refused = await service.loginFrom('203.0.113.9', VICTIM, RIGHT);
  assertThrottled(refused, 'login-success-account', 3600);
  assert.equal(refused.headers.get('ratelimit-policy'), '"login-success-account";q=5;w=3600');
  assert.equal(service.hashes(), before);
  await service.registerFrom(HOME, 'bob@example.com');
  assert.equal((await service.loginFrom(HOME, 'bob@example.com', RIGHT)).status, 200);
  service.clock.advance(60 * MINUTE);
  assert.equal((await service.loginFrom(HOME, VICTIM, RIGHT)).status, 200);
});

test('simultaneous right passwords open no more sessions than the limit', async (t) => {
  const service = await startLimited(t, { GATEPASS_LIMITS: 'login-success-account=4/1h' });
  await service.registerFrom(HOME);
  const burst = await Promise.all(
    Array.from({ length: 9 }, () => service.loginFrom(HOME, VICTIM, RIGHT)),
  );
  assert.ok(burst.filter(({ status }) => status === 200).length <= 4);
  // What a busy machine had no time for (503) is not counted, so it comes on top.
  for (let status = 200; status !== 429; )
    ({ status } = await service.loginFrom(HOME, VICTIM, RIGHT));
  const sessions = await service.database.db.selectFrom('sessions').select('id').execute();
  assert.equal(sessions.length, 4);
});

test('right passwords from a network are limited, whatever the account', async (t) => {
  const service = await startLimited(t, { GATEPASS_LIMITS: 'login-success-network=3/1h' });
  for (const name of ['a', 'b', 'c', 'd']) await service.registerFrom(HOME, `${name}@example.com`);
  const login = (name: string, from = HOME) =>
    service.loginFrom(from, `${name}@example.com`, RIGHT);
  const outcomes: number[] = [];
  for (const name of ['a', 'b', 'c', 'd']) outcomes.push(statusOf(await login(name)));
  assert.deepEqual(outcomes, [200, 200, 200, 429]);
  assertThrottled(await login('nobody'), 'login-success-network', 3600);
  assert.equal((await login('d', '203.0.113.7')).status, 200);
});

test('confirmations of the password are limited separately from logins', async (t) => {
  const service = await startLimited(t, {
    GATEPASS_LIMITS: 'login-success-account=2/1h,confirm-account=2/1h',
  });
  await service.registerFrom(HOME);
  const { access } = (await service.loginFrom(HOME, VICTIM, RIGHT)).body;
  const change = (from: string) =>
    service.post(
      '/api/users/me/password',
      { current_password: RIGHT, new_password: 'a' },
      { authorization: `Bearer ${access}`, ...service.from(from) },
    );
  for (let i = 0; i < 2; i++)
    assert.ok('new_password' in (await change(HOME)).body, 'the current one was right');
  assertThrottled(await change(HOME), 'confirm-account', 3600);
  assert.ok('new_password' in (await change('203.0.113.7')).body, 'elsewhere it is not');
  assert.equal((await service.loginFrom(HOME, VICTIM, RIGHT)).status, 200);
  assertThrottled(await service.loginFrom(HOME, VICTIM, RIGHT), 'login-success-account', 3600);
});

/** A throttle over a database, at one moment: counting without hashing. */
async function startThrottle(t: TestContext, rates: Rates) {
  const database = openDatabase(await newDatabase(t));
  t.after(() => database.close());
  await database.migrate();
  const { transaction } = database;
  const clock = { now: () => Date.UTC(2026, 0, 2) };
  const store = createThrottleStore(database);
  const throttle = createThrottle({ store, transaction, clock, isOn: true, rates });
  return async (account: string, network: string): Promise<string | undefined> => {
    try {
      const origin = await throttle.recognise(account, { network });
      await (await throttle.begin('login', account, origin)).succeed();
      return undefined;
    } catch (error) {
      if (isRefusal(error, 'throttled')) return error.details.wait?.limit?.name;
      throw error;
    }
  };
}

test('by default an account may log in 300 times an hour', async (t) => {
  const login = await startThrottle(t, DEFAULT_RATES);
  for (let i = 0; i < 300; i++) assert.equal(await login('busy', `network${i % 7}`), undefined);
  assert.equal(await login('busy', 'network8'), 'login-success-account');
});
