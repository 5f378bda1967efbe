/** The same refresh token again, from its client and from elsewhere, over HTTP (decision 060). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Service, startService } from '../support/service.ts';
import {
  assertDead,
  generationOf,
  HOUR,
  logIn,
  MINUTE,
  ROTATING,
  refreshFrom,
  rotate,
  rowOf,
  SECOND,
  sessionIdOf,
  spend,
} from './support/holder.ts';

const events = async (service: Service) => {
  const rows = await service.database.db
    .selectFrom('audit_events')
    .selectAll()
    .where('event', 'like', 'refresh.%')
    .execute();
  return rows.map(({ event, user_agent }) => [event, user_agent]);
};

test('RF20 a token issued by a rotation less than 10 s ago is returned with a new access token', async (t) => {
  const service = await startService(t, ROTATING);
  const first = await logIn(service);
  const second = await rotate(service, first.refresh);
  service.clock.advance(SECOND / 2);
  const again = await rotate(service, second.refresh);
  assert.equal(again.refresh, second.refresh);
  assert.notEqual(again.access, second.access);
  assert.equal((await rotate(service, first.refresh)).refresh, second.refresh);
  for (const { access } of [first, second, again])
    assert.equal((await service.me(access)).status, 200);
  service.clock.advance(9499);
  assert.equal((await rotate(service, second.refresh)).refresh, second.refresh);
  service.clock.advance(1);
  assert.equal(generationOf((await rotate(service, second.refresh)).refresh), 2);
  assert.deepEqual(await events(service), []);
});

test('RF20 a token issued again less than 10 s ago is not spent, so a lost response costs nothing', async (t) => {
  const service = await startService(t, ROTATING);
  const first = await logIn(service);
  await rotate(service, first.refresh);
  service.clock.advance(HOUR);
  // A burst of requests that all carry the token whose response was lost.
  const given = await rotate(service, first.refresh);
  assert.equal((await rotate(service, given.refresh)).refresh, given.refresh);
  assert.equal((await rotate(service, first.refresh)).refresh, given.refresh);
  assert.equal(generationOf((await rotate(service, given.refresh, 'elsewhere')).refresh), 2);
});

for (const after of [0, 10 * SECOND - 1, 10 * SECOND, HOUR]) {
  test(`RF03 RF22 the parent after ${after} ms gets the same successor byte for byte and does not count as late`, async (t) => {
    const service = await startService(t, ROTATING);
    const first = await logIn(service);
    service.clock.advance(MINUTE);
    const second = await rotate(service, first.refresh);
    service.clock.advance(after);
    for (let i = 0; i < 3; i++) {
      const again = await rotate(service, first.refresh);
      assert.equal(again.refresh, second.refresh);
      assert.equal((await service.me(again.access)).status, 200);
    }
    const row = await rowOf(service, first.refresh);
    assert.deepEqual([row?.generation, row?.late_streak], [1, 0]);
    assert.deepEqual(await events(service), []);
    assert.equal(generationOf((await spend(service, second.refresh)).refresh), 2);
  });

  test(`RF03 AB10 the parent from elsewhere after ${after} ms gets the same successor and counts once`, async (t) => {
    const service = await startService(t, ROTATING);
    const first = await logIn(service);
    const second = await rotate(service, first.refresh);
    service.clock.advance(after);
    for (let i = 0; i < 3; i++) {
      const again = await rotate(service, first.refresh, 'elsewhere');
      assert.equal(again.refresh, second.refresh);
    }
    const row = await rowOf(service, first.refresh);
    assert.deepEqual([row?.late_generation, row?.late_streak], [1, 1]);
    assert.deepEqual(await events(service), [['refresh.elsewhere', 'elsewhere']]);
  });
}

test('RF22 a client that loses every response and retries after 10.5 s keeps its session', async (t) => {
  const service = await startService(t, ROTATING);
  let { refresh } = await logIn(service);
  for (let i = 0; i < 10; i++) {
    await rotate(service, refresh, 'node');
    service.clock.advance(10_500);
    ({ refresh } = await rotate(service, refresh, 'node'));
  }
  assert.equal((await rowOf(service, refresh))?.late_streak, 0);
  assert.deepEqual(await events(service), []);
});

for (const pause of [0, 10_500]) {
  test(`RF22 AB10 if retries come from another user agent ${pause} ms later, the third in a row ends the session`, async (t) => {
    const service = await startService(t, ROTATING);
    let pair = await logIn(service);
    for (const expected of [200, 200, 401]) {
      const next = await spend(service, pair.refresh);
      service.clock.advance(pause);
      const again = await refreshFrom(service, pair.refresh, 'elsewhere');
      assert.equal(again.status, expected);
      pair = next;
    }
    await assertDead(service, pair);
    assert.equal((await rowOf(service, pair.refresh))?.end_reason, 'reused');
    assert.deepEqual(
      (await events(service)).map(([event]) => event),
      ['refresh.elsewhere', 'refresh.elsewhere', 'refresh.reuse'],
    );
  });
}

test('AB10 another network counts as elsewhere, and another address of the same /64 does not', async (t) => {
  const variables = { ...ROTATING, GATEPASS_TRUSTED_PROXIES: '127.0.0.1' };
  const service = await startService(t, variables);
  const refreshAs = (refresh: string, address: string) =>
    service.post('/api/token/refresh', { refresh }, { 'x-forwarded-for': address });
  const marks = async (first: string, second: string) => {
    const { refresh } = await logIn(service);
    assert.equal((await refreshAs(refresh, first)).status, 200);
    assert.equal((await refreshAs(refresh, second)).status, 200);
    return (await rowOf(service, refresh))?.late_streak;
  };
  assert.equal(await marks('198.51.100.7', '198.51.100.7'), 0);
  assert.equal(await marks('198.51.100.7', '198.51.100.8'), 1);
  assert.equal(await marks('198.51.100.7', '::ffff:198.51.100.7'), 0);
  assert.equal(await marks('2001:db8:1:2::3', '2001:DB8:1:2:ffff::4'), 0);
  assert.equal(await marks('2001:db8:1:2::3', '2001:db8:1:3::3'), 1);
});

test('AB10 the stored hash of a client reveals neither its network nor its user agent', async (t) => {
  const service = await startService(t, ROTATING);
  const { refresh } = await logIn(service);
  await rotate(service, refresh, 'Somebody/1.0');
  const row = await rowOf(service, refresh);
  assert.match(row?.rotated_by ?? '', /^[\w-]{11}$/);
  assert.equal(row?.given_to, row?.rotated_by);
  const other = await startService(t, {
    ...ROTATING,
    GATEPASS_SECRET: '1f8c1d2be4a7053c6d1fe28b90a4c7d35e1f60b2c8a9d4e7f3b516a02c7d8e95',
  });
  const pair = await logIn(other);
  await rotate(other, pair.refresh, 'Somebody/1.0');
  assert.notEqual((await rowOf(other, pair.refresh))?.rotated_by, row?.rotated_by);
  assert.notEqual(sessionIdOf(pair.refresh), sessionIdOf(refresh));
});

test('a hash of the client that an earlier version stored marks its session once and ends nothing', async (t) => {
  const service = await startService(t, ROTATING);
  let pair = await logIn(service);
  let parent = pair.refresh;
  // Several updates in a row: each time the row has the old form when the repeat comes.
  for (const streak of [1, 1, 1, 1]) {
    parent = pair.refresh;
    pair = await spend(service, parent);
    await service.database.transaction((tx) =>
      tx.db.updateTable('sessions').set({ rotated_by: '0123456789a' }).execute(),
    );
    service.clock.advance(HOUR);
    assert.equal((await rotate(service, parent)).refresh, pair.refresh);
    assert.equal((await rowOf(service, parent))?.late_streak, streak);
    pair = await spend(service, pair.refresh);
    assert.match(String((await rowOf(service, parent))?.rotated_by), /^[\w-]{11}$/);
    assert.notEqual((await rowOf(service, parent))?.rotated_by, '0123456789a');
  }
  assert.equal((await service.me(pair.access)).status, 200);
});
