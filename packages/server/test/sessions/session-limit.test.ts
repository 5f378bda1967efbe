/** GATEPASS_MAX_SESSIONS: one more login ends the session unused for longest (AB01). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readUpTo } from '../revocations/support/feed.ts';
import { newSharedDatabase } from '../support/databases.ts';
import { claimsOf, createTestClock, startService } from '../support/service.ts';
import { timersOf } from '../support/timers.ts';
import { until } from '../support/until.ts';
import { eventsOf, openOf, pairOf, seedSessions } from './support/crowd.ts';
import { startBeside } from './support/faulty.ts';
import {
  assertAlive,
  assertDead,
  assertRefused,
  HOUR,
  logIn,
  MINUTE,
  ROTATING,
  remove,
  rotate,
  rowOf,
  STRICT,
} from './support/holder.ts';

const CAPPED = { ...ROTATING, GATEPASS_MAX_SESSIONS: '3' };

test('AB01 one more login than the limit ends the least recently used session', async (t) => {
  const service = await startService(t, CAPPED);
  const first = await logIn(service);
  const pairs = [];
  for (let i = 0; i < 2; i++) {
    service.clock.advance(MINUTE);
    pairs.push(await logIn(service));
  }
  service.clock.advance(MINUTE);
  const used = await rotate(service, first.refresh);
  const [oldest, other] = pairs;
  assert.ok(oldest && other);
  const fresh = await logIn(service);
  assertRefused(await service.refresh(oldest.refresh), 'revoked');
  await until('its access token is dead', async () => {
    return (await service.verify(oldest.access)).status === 401;
  });
  await assertDead(service, oldest);
  for (const pair of [used, other, fresh]) await assertAlive(service, pair);
  assert.equal((await rowOf(service, oldest.refresh))?.end_reason, 'limit');
  const ends = await service.database.db
    .selectFrom('audit_events')
    .select(['session_id', 'actor', 'details'])
    .where('event', '=', 'session.end')
    .execute();
  assert.deepEqual(
    ends.map((event) => [event.session_id, event.actor, event.details]),
    [[claimsOf(oldest.refresh)['sid'], 'self', '{"reason":"limit"}']],
  );
});

test('AB01 simultaneous logins keep to the limit, and all of the last ones stay', async (t) => {
  const service = await startService(t, CAPPED);
  const { access } = await logIn(service);
  const userId = Number(claimsOf(access)['user_id']);
  const logins = await Promise.all(Array.from({ length: 12 }, () => service.login()));
  // Some find no room in the queue for hashing.
  const opened = logins.filter(({ status }) => status === 200).length;
  assert.ok(opened > 3, `${opened} logins`);
  assert.equal(await openOf(service.database, userId), 3);
  assert.equal(await eventsOf(service.database, 'session.end', 'limit'), opened + 1 - 3);
});

test('AB01 an expired session makes room before the least recently used one', async (t) => {
  const service = await startService(t, { GATEPASS_MAX_SESSIONS: '2' });
  const expiring = await logIn(service);
  service.clock.advance(12 * HOUR);
  const unused = await logIn(service);
  service.clock.advance(11 * HOUR);
  assert.equal((await service.refresh(expiring.refresh)).status, 200);
  service.clock.advance(2 * HOUR);
  const fresh = await logIn(service);
  for (const { refresh } of [unused, fresh])
    assert.equal((await service.refresh(refresh)).status, 200);
  assertRefused(await service.refresh(expiring.refresh), 'expired');
});

test('AB01 the limit holds after the clock was set back', async (t) => {
  const service = await startService(t, { GATEPASS_MAX_SESSIONS: '2' });
  const pairs = [await logIn(service)];
  service.clock.advance(MINUTE);
  pairs.push(await logIn(service));
  service.clock.advance(-HOUR);
  const fresh = await logIn(service);
  assert.equal((await service.refresh(fresh.refresh)).status, 200);
  const statuses = await Promise.all(
    pairs.map(async ({ refresh }) => (await service.refresh(refresh)).status),
  );
  assert.deepEqual(statuses, [401, 200]);
});

test('the limit of one account does not affect another', async (t) => {
  const service = await startService(t, CAPPED);
  const bob = await logIn(service, 'bob@example.com');
  for (let i = 0; i < 5; i++) await logIn(service);
  await assertAlive(service, bob);
});

test('a session without valid access tokens ends without a revocation', async (t) => {
  const time = createTestClock();
  const service = await startService(t, STRICT, { clock: time, timers: timersOf(time) });
  const idle = await logIn(service);
  service.clock.advance(HOUR);
  const [one, other] = [await logIn(service), await logIn(service)];
  await remove(service, '/api/sessions?scope=others', one.access);
  const { revocations, next } = await readUpTo(service, 1);
  assert.equal(next, 1);
  assert.equal(revocations[0]?.['series'], undefined, 'one session, and not the account');
  await assertDead(service, other);
  assertRefused(await service.refresh(idle.refresh), 'revoked');
  await service.post('/api/token/blacklist', { refresh: one.refresh });
  service.clock.advance(HOUR);
  assert.deepEqual((await readUpTo(service, 2)).revocations, [], 'and is gone with the token');
});

test('AB02 an account from before there was a limit is brought under it, oldest first', async (t) => {
  const url = await newSharedDatabase(t);
  const service = await startService(t, { ...ROTATING, GATEPASS_DATABASE_URL: url });
  const { access } = await logIn(service);
  const userId = Number(claimsOf(access)['user_id']);
  const now = service.clock.now();
  const ids = await seedSessions(service.database, userId, 1500, (i) => now - (1500 - i) * 1000);
  const bob = await logIn(service, 'bob@example.com');
  assert.equal(await openOf(service.database, userId), 1501);
  await startBeside(t, { url, variables: ROTATING, clock: service.clock });
  await until('100 are left', async () => (await openOf(service.database, userId)) === 100);
  assert.equal(await eventsOf(service.database, 'session.end', 'limit'), 1401);
  const newest = pairOf(service, ids.at(-1) ?? '', userId);
  assert.equal((await service.refresh(newest.refresh)).status, 200);
  assertRefused(await service.refresh(pairOf(service, ids[0] ?? '', userId).refresh), 'revoked');
  await assertAlive(service, bob);
});

test('AB02 its next login also brings it under the limit', async (t) => {
  const service = await startService(t, ROTATING);
  const { access } = await logIn(service);
  const userId = Number(claimsOf(access)['user_id']);
  await seedSessions(service.database, userId, 700, (i) => service.clock.now() - i);
  const fresh = await logIn(service);
  await until('100 are left', async () => (await openOf(service.database, userId)) === 100);
  await assertAlive(service, fresh);
});
