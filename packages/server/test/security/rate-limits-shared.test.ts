/**
 * docs/security-cases.md, group RL: limits of the other routes, of several nodes, after a restart,
 * in bounds.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_RATES } from '../../src/config/limits.ts';
import { openDatabase } from '../../src/database/open.ts';
import { perform } from '../../src/passwords/hash-job.ts';
import type { HashThread } from '../../src/passwords/hash-thread.ts';
import { createThrottleStore } from '../../src/throttle/store.ts';
import { createThrottle } from '../../src/throttle/throttle.ts';
import { newDatabase, newSharedDatabase, workDirectory } from '../support/databases.ts';
import { post, startProcess } from '../support/process.ts';
import {
  assertThrottled,
  guessUntilThrottled,
  HOME,
  MINUTE,
  RIGHT,
  startLimited,
  VICTIM,
  WRONG,
} from './support/limited.ts';

test('RL01 a network may register ten accounts an hour, and requests refused by cheaper checks are not counted', async (t) => {
  const service = await startLimited(t);
  for (let i = 0; i < 12; i++) {
    const body = { email: `user${i}@example.com`, password: 'password' };
    assert.equal((await service.post('/api/users', body, service.from(HOME))).status, 400);
  }
  for (let i = 0; i < 9; i++)
    assert.equal((await service.registerFrom(HOME, `user${i}@example.com`)).status, 201);
  assert.equal(
    (await service.registerFrom(HOME, 'user0@example.com')).status,
    400,
    'asking counts',
  );
  const before = service.hashes();
  assertThrottled(await service.registerFrom(HOME, 'x@example.com'), 'register-network', 3600);
  assertThrottled(await service.registerFrom(HOME, 'user0@example.com'), 'register-network', 3600);
  assert.equal(service.hashes(), before);
  assert.equal((await service.registerFrom('198.51.100.2', 'x@example.com')).status, 201);
  service.clock.advance(60 * MINUTE);
  assert.equal((await service.registerFrom(HOME, 'y@example.com')).status, 201);
});

test('AB07 registration reveals taken addresses only within its limit', async (t) => {
  const service = await startLimited(t);
  await service.registerFrom('198.51.100.2');
  const ask = async (email: string, password: string) => {
    const answer = await service.post('/api/users', { email, password }, service.from(HOME));
    return `${answer.status} ${answer.text}`;
  };
  const told: string[] = [];
  const alike: string[] = [];
  for (let i = 0; i < 60; i++) {
    const weak = [await ask(VICTIM, 'a'), await ask(`user${i}@example.com`, 'a')];
    const good = [await ask(VICTIM, RIGHT), await ask(`user${i}@example.com`, RIGHT)];
    alike.push(...weak);
    assert.equal(weak[0], weak[1], 'a weak password tells nothing of the address');
    if (good[0] === good[1]) alike.push(...good);
    else told.push(...good);
  }
  assert.equal(told.length, 10, 'as many as the limit allows');
  assert.deepEqual([...new Set(alike)].map((text) => text.slice(0, 3)).toSorted(), ['400', '429']);
});

test('RL01 a registration refused for lack of capacity is not counted', async (t) => {
  // No hash ends before a registration was refused.
  const refused = Promise.withResolvers<void>();
  const createHashThread = (): HashThread => ({
    async run(job) {
      await refused.promise;
      return perform(job);
    },
    stop() {},
  });
  const service = await startLimited(t, {}, { createHashThread });
  // All of the network but one in the queue lose their places to networks with fewer waiting.
  const mine = Array.from({ length: 9 }, async (_, i) => {
    const answer = await service.registerFrom(HOME, `m${i}@example.com`);
    if (answer.status === 503) refused.resolve();
    return answer;
  });
  const others = Array.from({ length: 45 }, (_, i) =>
    service.registerFrom(`203.0.113.${i}`, `o${i}@example.com`),
  );
  const burst = (await Promise.all(mine)).map(({ status }) => status);
  await Promise.all(others);
  let created = burst.filter((status) => status === 201).length;
  for (let i = 0; ; i++) {
    const { status } = await service.registerFrom(HOME, `later${i}@example.com`);
    if (status === 429) break;
    if (status === 201) created++;
    assert.ok(created <= 10);
  }
  assert.equal(created, 10);
});

test('RL01 guesses at a password change and a deletion are limited like logins', async (t) => {
  const service = await startLimited(t);
  await service.registerFrom(HOME);
  const { access } = (await service.loginFrom(HOME, VICTIM, RIGHT)).body;
  const headers = { authorization: `Bearer ${access}`, ...service.from(HOME) };
  const change = (current: string) =>
    service.post(
      '/api/users/me/password',
      { current_password: current, new_password: 'granite otter parade 41' },
      headers,
    );
  const remove = (current: string) =>
    service.send('/api/users/me', {
      method: 'DELETE',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ current_password: current }),
    });
  for (let i = 0; i < 5; i++) {
    assert.equal((await change(WRONG)).status, 400);
    assert.equal((await remove(WRONG)).status, 400);
  }
  const before = service.hashes();
  assertThrottled(await change(RIGHT), 'login-account', 900);
  assertThrottled(await remove(RIGHT), 'login-account', 900);
  assertThrottled(await service.loginFrom(HOME, VICTIM, RIGHT), 'login-account', 900);
  assert.equal(service.hashes(), before);
  service.clock.advance(15 * MINUTE);
  const again = await service.loginFrom(HOME, VICTIM, RIGHT);
  headers.authorization = `Bearer ${again.body.access}`;
  for (let i = 0; i < 9; i++) assert.equal((await change(WRONG)).status, 400);
  const changed = await change(RIGHT);
  assert.equal(changed.status, 200);
  headers.authorization = `Bearer ${changed.body.access}`;
  assert.equal((await remove(WRONG)).status, 400, 'the right one cleared the others');
});

test('RL01 a session may refresh sixty times a minute, and verify is not limited', async (t) => {
  const service = await startLimited(t, { GATEPASS_ACCEPT_SESSIONLESS_TOKENS: 'false' });
  await service.registerFrom(HOME);
  const [one, other] = [
    (await service.loginFrom(HOME, VICTIM, RIGHT)).body,
    (await service.loginFrom(HOME, VICTIM, RIGHT)).body,
  ];
  service.clock.advance(MINUTE - (service.clock.now() % MINUTE) + 15_000);
  for (let i = 0; i < 60; i++) assert.equal((await service.refresh(one.refresh)).status, 200);
  assertThrottled(await service.refresh(one.refresh), 'refresh-session', 45);
  assert.equal((await service.refresh(other.refresh)).status, 200);
  for (let i = 0; i < 70; i++) assert.equal((await service.verify(one.access)).status, 200);
  service.clock.advance(45_000);
  assert.equal((await service.refresh(one.refresh)).status, 200);
});

test('RL11 two nodes share one budget, even at the same moment and after a restart', async (t) => {
  const variables = { GATEPASS_DATABASE_URL: await newSharedDatabase(t) };
  const nodes = [await startLimited(t, variables), await startLimited(t, variables)];
  const burst = await Promise.all(
    Array.from({ length: 40 }, (_, i) => nodes[i % 2]?.loginFrom(HOME)),
  );
  const restarted = await startLimited(t, variables);
  const looked =
    burst.filter((answer) => answer?.status === 401).length +
    (await guessUntilThrottled(() => restarted.loginFrom(HOME)));
  assert.equal(looked, 10);
  for (const node of [...nodes, restarted]) assert.equal((await node.loginFrom(HOME)).status, 429);
});

test('RL11 three simultaneous processes check ten guesses together, even if one is killed', async (t) => {
  const directory = await workDirectory(t);
  const start = () => startProcess(t, directory, { GATEPASS_RATE_LIMITS: 'on' });
  const nodes = [await start(), ...(await Promise.all([start(), start()]))];
  const guess = ({ url }: { url: string }) =>
    post(url, '/api/token', { email: VICTIM, password: WRONG });
  const burst = await Promise.all(
    nodes.flatMap((node) => Array.from({ length: 20 }, () => guess(node))),
  );
  nodes[0]?.child.kill('SIGKILL');
  await nodes[0]?.exited;
  const restarted = await start();
  const looked =
    burst.filter((answer) => answer?.status === 401).length +
    (await guessUntilThrottled(() => guess(restarted)));
  assert.equal(looked, 10);
  for (const node of [...nodes.slice(1), restarted]) assert.equal((await guess(node))?.status, 429);
});

test('RL10 a million addresses neither exceed the table’s bound nor free a full bucket', async (t) => {
  const database = openDatabase(await newDatabase(t));
  t.after(() => database.close());
  await database.migrate();
  const store = createThrottleStore(database);
  const now = Date.UTC(2026, 0, 2);
  const buckets = new Set<number>();
  const observed = {
    ...store,
    put: (...args: Parameters<typeof store.put>) => {
      buckets.add(args[1]);
      return store.put(...args);
    },
  };
  const throttle = createThrottle({
    store: observed,
    transaction: database.transaction,
    clock: { now: () => now },
    isOn: true,
    rates: DEFAULT_RATES,
  });
  const guess = async (account: string, network: string) =>
    throttle.begin('login', account, await throttle.recognise(account, { network }));
  for (let i = 0; i < 10; i++) await guess('hot', 'hot');
  await assert.rejects(guess('hot', 'hot'));
  const hot = [...buckets];
  const crowd = 1000;
  for (let i = 0; i < crowd; i += 50)
    await Promise.all(
      Array.from({ length: 50 }, (_, k) => guess(`user${i + k}`, `network${i + k}`)),
    );
  await assert.rejects(guess('hot', 'hot'), 'the full one is still full');
  const kinds = Map.groupBy(buckets, (bucket) => Math.floor(bucket / 2 ** 48));
  assert.deepEqual([...kinds.keys()].toSorted(), [0, 1, 2]);
  for (const numbers of kinds.values())
    for (const bucket of numbers) assert.ok(bucket % 2 ** 48 < 2 ** 20, `${bucket}`);
  const purged = await database.transaction((tx) =>
    store.purge(tx, now + 15 * MINUTE + 1, 100_000),
  );
  assert.ok(purged >= 1.98 * crowd, 'windows of a quarter of an hour leave with it');
  const left = await Promise.all(hot.map((bucket) => store.find(bucket)));
  assert.deepEqual(
    left.filter((count) => count !== undefined).map(({ hits }) => hits),
    [10],
    'ten failures are kept for a day',
  );
});
