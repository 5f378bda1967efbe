/** Whose turn it is in the hashing queue, and what leaves a full one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createFairQueue, LANES, type Lane } from '../../src/passwords/fair-queue.ts';
import { createHall, isRefusal } from './support/hall.ts';

test('networks with many and with few requests take turns', async (t) => {
  const hall = createHall(t);
  for (let i = 0; i < 20; i++) hall.enter('flood');
  hall.enter('alice');
  hall.enter('bob');
  hall.enter('alice');
  await hall.finish(8);
  assert.deepEqual(hall.ran.slice(0, 7).toSorted(), [
    ...['alice', 'alice', 'bob'],
    ...['flood', 'flood', 'flood', 'flood'],
  ]);
});

test('a full queue evicts the newest task of the largest network for another network', async (t) => {
  const hall = createHall(t, { queueLimit: 8 });
  const flood = Array.from({ length: 9 }, () => hall.ask('flood'));
  assert.ok(isRefusal(await hall.ask('flood')), 'no room for itself');
  const alice = hall.ask('alice');
  assert.ok(isRefusal(await flood[8]), 'its newest left');
  await hall.finish(9);
  assert.equal(await alice, 'done');
  assert.deepEqual(hall.rejected, ['full', 'displaced']);
});

test('AB05 the networks of a /48 share one turn and make room for other networks', async (t) => {
  const hall = createHall(t, { queueLimit: 8 });
  const flood = Array.from({ length: 9 }, (_, i) => hall.ask(`2001:db8:0:${i}00::/64`));
  hall.admission.assertCapacity('compare', { network: '2001:db8:1:0::/64' });
  assert.throws(
    () => hall.admission.assertCapacity('compare', { network: '2001:db8:0:a00::/64' }),
    isRefusal,
  );
  const honest = [hall.ask('2001:db8:1:0::/64'), hall.ask('192.0.2.1'), hall.ask('')];
  for (const displaced of flood.slice(6)) assert.ok(isRefusal(await displaced));
  await hall.finish(6);
  assert.deepEqual(await Promise.all(honest), ['done', 'done', 'done']);
  assert.equal(hall.ran.filter((network) => network.startsWith('2001:db8:0:')).length, 4);
});

test('in a /48 the /56 networks take turns, and in a /56 the /64 networks', async (t) => {
  const hall = createHall(t);
  for (let i = 0; i < 6; i++) hall.enter(`2001:db8:0:1${i}::/64`);
  hall.enter('2001:db8:0:200::/64');
  hall.enter('2001:db8:0:201::/64');
  for (let i = 0; i < 4; i++) hall.enter('2001:db8:0:15::/64');
  await hall.finish(6);
  assert.deepEqual(
    hall.ran
      .slice(1, 5)
      .map((network) => network.slice(11, 13))
      .toSorted(),
    [...['11', '12', '20', '20']],
  );
});

test('an account known to its network has a turn of its own, whatever others send', async (t) => {
  const hall = createHall(t, { queueLimit: 8 });
  for (let i = 0; i < 9; i++) hall.enter(`203.0.113.${i}`);
  assert.ok(isRefusal(await hall.ask('198.51.100.1')), 'each of the others has one place only');
  const owner = hall.ask('198.51.100.1', 'known');
  await hall.finish(3);
  assert.equal(await owner, 'done');
  assert.deepEqual(hall.rejected, ['full', 'displaced']);
});

test('AB05 a known device has a turn of its own, whatever others send', async (t) => {
  const hall = createHall(t, { queueLimit: 8 });
  for (let i = 0; i < 9; i++) hall.enter(`203.0.113.${i}`, i % 2 ? 'known' : 'compare');
  assert.ok(isRefusal(await hall.ask('198.51.100.1')), 'each of the others has one place only');
  const owner = hall.ask('198.51.100.1', 'device');
  await hall.finish(3);
  assert.deepEqual(hall.ran.slice(3), ['198.51.100.1'], 'one of each other lane went before');
  await hall.finish();
  assert.equal(await owner, 'done');
});

test('whatever enters and leaves, the queue loses no entry and is fair', () => {
  type Entry = { network: string; lane: Lane; n: number };
  const network = fc.constantFrom('a', 'b', 'c', 'd');
  const lane = fc.constantFrom<Lane>(...LANES);
  const step = fc.oneof(
    fc.record({ add: fc.constant(true), network, lane }),
    fc.record({ add: fc.constant(false), pick: fc.nat() }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const queue = createFairQueue<Entry>();
      let inside: Entry[] = [];
      for (const [n, each] of steps.entries()) {
        if ('network' in each) {
          const entry = { network: each.network, lane: each.lane, n };
          inside.push(entry);
          queue.add(entry);
        } else {
          const gone = inside[each.pick % Math.max(1, inside.length)];
          if (!gone) continue;
          queue.remove(gone);
          queue.remove(gone);
          inside = inside.filter((other) => other !== gone);
        }
      }
      assert.equal(queue.length(), inside.length);
      const waits = new Map<string, number>();
      for (const { network: own, lane: of } of inside) waits.set(own + of, 0);
      const served: Entry[] = [];
      for (let next = queue.take(); next; next = queue.take()) {
        served.push(next);
        for (const key of waits.keys()) waits.set(key, (waits.get(key) ?? 0) + 1);
        const key = next.network + next.lane;
        // Four networks in three lanes: no turn is further away than a round of all.
        assert.ok((waits.get(key) ?? 0) <= 12, `${key} waited ${waits.get(key)} turns`);
        if (served.filter((other) => other.network + other.lane === key).length === 0) continue;
        waits.set(key, 0);
      }
      assert.deepEqual(
        served.map(({ n }) => n).toSorted((a, b) => a - b),
        inside.map(({ n }) => n).toSorted((a, b) => a - b),
      );
      for (const key of waits.keys()) {
        const own = served.filter((each) => each.network + each.lane === key).map(({ n }) => n);
        assert.deepEqual(
          own,
          own.toSorted((a, b) => a - b),
          'first come, first served within a network',
        );
      }
    }),
  );
});
