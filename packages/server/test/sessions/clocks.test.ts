/** Clocks that jump, of one node or all of them: they lock no client out and revive nothing. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createJanitor } from '../../src/database/janitor.ts';
import { createRevocationStore } from '../../src/revocations/store.ts';
import { newSharedDatabase } from '../support/databases.ts';
import { claimsOf, createTestClock, forge, startService } from '../support/service.ts';
import { createTestTimers } from '../support/timers.ts';
import { startBeside } from './support/faulty.ts';
import {
  assertDead,
  assertRefused,
  DAY,
  generationOf,
  HOUR,
  logIn,
  logOut,
  MINUTE,
  ROTATING,
  rotate,
  SECOND,
  STRICT,
  spend,
} from './support/holder.ts';
import { refreshAt, verifyAt } from './support/processes.ts';

/** Two nodes of one database; the clock of the second one is `ahead` of the first one's. */
async function startSkewed(t: TestContext, ahead: number) {
  const url = await newSharedDatabase(t);
  const service = await startService(t, { ...ROTATING, GATEPASS_DATABASE_URL: url });
  const clock = { now: () => service.clock.now() + ahead };
  return { service, beside: await startBeside(t, { url, variables: ROTATING, clock }) };
}

for (const ahead of [4 * SECOND, MINUTE, HOUR]) {
  test(`a session rotated by a node ${ahead / SECOND} s ahead stays valid at the others`, async (t) => {
    const { service, beside } = await startSkewed(t, ahead);
    const first = await logIn(service);
    const { status, body } = await refreshAt(beside, first.refresh);
    assert.equal(status, 200);
    const second = String(body['refresh']);
    assert.equal((await service.verify(second)).status, 200);
    const again = await rotate(service, second);
    assert.equal(again.refresh, second, 'it was made a moment ago, whatever the clocks say');
    assert.equal((await service.me(again.access)).status, 200);
    assert.equal((await rotate(service, first.refresh)).refresh, second);
    service.clock.advance(ahead);
    assert.equal(generationOf((await spend(service, second)).refresh), 2);
    assertRefused(await service.refresh(first.refresh), 'reused');
  });
}

test('TF23 a refresh token from further ahead than its session is refused', async (t) => {
  const service = await startService(t, ROTATING);
  const { refresh } = await logIn(service);
  const claims = claimsOf(refresh);
  const token = forge({ payload: { ...claims, iat: Number(claims['iat']) + 3600 } });
  assertRefused(await service.refresh(token), 'not_yet_valid');
  assertRefused(await service.verify(token), 'not_yet_valid');
  assert.equal((await service.refresh(refresh)).status, 200);
});

test('a login on a node that is ahead is valid at the others, with and without rotation', async (t) => {
  const url = await newSharedDatabase(t);
  const variables = { ...STRICT, GATEPASS_DATABASE_URL: url };
  const ahead = createTestClock();
  ahead.advance(HOUR);
  const { refresh } = await logIn(await startService(t, variables, { clock: ahead }));
  const service = await startService(t, variables);
  const { status, body } = await service.refresh(refresh);
  assert.equal(status, 200);
  assert.equal((await service.me(body.access)).status, 200);
});

for (const jump of [DAY / 2, -DAY / 2]) {
  test(`a clock that is wrong by ${jump / HOUR} h for a while ends no session and revives no token`, async (t) => {
    const service = await startService(t, ROTATING);
    const first = await logIn(service);
    const second = await rotate(service, first.refresh);
    const ended = await logIn(service, 'bob@example.com');
    await logOut(service, ended.refresh);
    service.clock.advance(jump);
    const during = await rotate(service, second.refresh);
    assertRefused(await service.verify(ended.refresh), 'revoked');
    service.clock.advance(-jump);
    const after = await rotate(service, during.refresh);
    await assertDead(service, ended);
    service.clock.advance(Math.abs(jump));
    const later = await spend(service, after.refresh);
    assert.ok(generationOf(later.refresh) > generationOf(second.refresh));
    assertRefused(await service.refresh(first.refresh), 'reused');
    await assertDead(service, later);
  });
}

test('a clock that is three days ahead for a while deletes nothing and drops no revocation', async (t) => {
  const timers = createTestTimers();
  const service = await startService(
    t,
    { ...STRICT, GATEPASS_ACCESS_TOKEN_LIFETIME: '1d' },
    { timers },
  );
  const open = await logIn(service);
  const ended = await logIn(service);
  await logOut(service, ended.refresh);
  const { database, clock } = service;
  const janitor = createJanitor({
    purges: [createRevocationStore(database).purge],
    transaction: database.transaction,
    clock,
    timers,
    onError: assert.ifError,
  });
  await timers.advance(MINUTE);
  await janitor.sweep();
  clock.advance(3 * DAY);
  await timers.advance(10 * MINUTE);
  assert.equal(await janitor.sweep(), 0);
  const { body } = await service.send('/api/revocations?after=0');
  assert.equal(body.revocations.length, 1, 'a resource server that reads meanwhile learns of it');
  clock.advance(-3 * DAY);
  await timers.advance(SECOND);
  assertRefused(await service.verify(ended.access), 'revoked');
  assert.equal((await service.refresh(open.refresh)).status, 200);
});

test('a process that started three days ahead knows every revocation once its clock is right', async (t) => {
  const url = await newSharedDatabase(t);
  const variables = {
    ...STRICT,
    GATEPASS_ACCESS_TOKEN_LIFETIME: '1d',
    GATEPASS_DATABASE_URL: url,
  };
  const service = await startService(t, variables);
  const { access, refresh } = await logIn(service);
  await logOut(service, refresh);
  const timers = createTestTimers();
  const clock = createTestClock();
  clock.advance(3 * DAY);
  const late = await startService(t, variables, { clock, timers });
  clock.advance(-3 * DAY);
  await timers.advance(SECOND);
  assertRefused(await late.verify(access), 'revoked');
  assert.equal((await verifyAt(late, access)).status, 401);
});

test('attempts counted by a clock a day ahead block no login once it is right again', async (t) => {
  const service = await startService(t, { ...STRICT, GATEPASS_RATE_LIMITS: 'on' });
  const start = service.clock.now();
  await logIn(service);
  service.clock.advance(DAY);
  for (let i = 0; i < 10; i++) await service.login('alice@example.com', 'wrong horse 9 battery');
  assert.equal((await service.login()).status, 429);
  service.clock.advance(start - service.clock.now());
  assert.equal((await service.login()).status, 200);
});

test('no statement uses the database’s clock', () => {
  const source = join(import.meta.dirname, '../../src');
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' });
  const asking = files
    .filter((path) => path.endsWith('.ts'))
    .filter((path) =>
      /current_(?:timestamp|time|date)\b|clock_timestamp|sql`[^`]*\bnow\(\)|datetime\('now/i.test(
        readFileSync(join(source, path), 'utf8'),
      ),
    );
  assert.deepEqual(asking, []);
});
