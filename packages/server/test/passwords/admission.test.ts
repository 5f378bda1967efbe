/** Who may hash, when, and who is told to come back: with tasks that end when the test says so. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { Refusal } from '../../src/errors.ts';
import { createAdmission, type ShedReason } from '../../src/passwords/admission.ts';
import { createFairQueue, type Lane } from '../../src/passwords/fair-queue.ts';

const TASK_MS = 10;
const LIMITS = {
  slots: 1,
  ahead: 0,
  queueLimit: 64,
  maxWaitMs: 60_000,
  expectedTaskMs: TASK_MS,
};

/** Tasks that run until `finish`, on a clock that moves a task's time with each of them. */
function createHall(t: TestContext, limits: Partial<typeof LIMITS> = {}, taskMs = TASK_MS) {
  let now = 0;
  const ran: string[] = [];
  const shed: ShedReason[] = [];
  const open: (() => void)[] = [];
  const observer = { shed: (reason: ShedReason) => shed.push(reason) };
  const admission = createAdmission({ ...LIMITS, ...limits }, observer, () => now);
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  const finish = async (count = 1) => {
    for (let i = 0; i < count; i++) {
      now += TASK_MS;
      open.shift()?.();
      await settle();
    }
  };
  t.after(() => finish(100));
  return {
    ran,
    shed,
    admission,
    ask(network: string, lane: Lane = 'compare', signal?: AbortSignal) {
      const task = () => {
        ran.push(network);
        return new Promise<{ ms: number }>((resolve) => open.push(() => resolve({ ms: taskMs })));
      };
      const answer = admission.run(lane, { network, ...(signal && { signal }) }, task);
      return answer.then(
        () => 'done' as const,
        (error) => error,
      );
    },
    finish,
  };
}

const isRefusal = (answer: unknown): answer is Refusal =>
  answer instanceof Refusal && answer.refused.code === 'unavailable';

test('a network with many requests shares the turns with one that has few', async (t) => {
  const hall = createHall(t);
  for (let i = 0; i < 20; i++) hall.ask('flood');
  hall.ask('alice');
  hall.ask('bob');
  hall.ask('alice');
  await hall.finish(8);
  assert.deepEqual(hall.ran.slice(0, 7).toSorted(), [
    ...['alice', 'alice', 'bob'],
    ...['flood', 'flood', 'flood', 'flood'],
  ]);
});

test('a full queue makes room for another network: the newest of the largest leaves', async (t) => {
  const hall = createHall(t, { queueLimit: 8 });
  const flood = Array.from({ length: 9 }, () => hall.ask('flood'));
  assert.ok(isRefusal(await hall.ask('flood')), 'no room for itself');
  const alice = hall.ask('alice');
  assert.ok(isRefusal(await flood[8]), 'its newest left');
  await hall.finish(9);
  assert.equal(await alice, 'done');
  assert.deepEqual(hall.shed, ['full', 'displaced']);
});

test('new passwords get at most half of the slots, half of the queue, and every other turn', async (t) => {
  const two = createHall(t, { slots: 2 });
  two.ask('wave', 'create');
  two.ask('wave', 'create');
  assert.equal(two.admission.stats().running, 1, 'the other slot stays free');
  two.ask('alice');
  assert.equal(two.admission.stats().running, 2);

  const one = createHall(t, { queueLimit: 8 });
  const wave = Array.from({ length: 6 }, () => one.ask('wave', 'create'));
  assert.ok(isRefusal(await wave[5]), 'one runs, four wait');
  one.ask('alice');
  one.ask('alice');
  await one.finish(5);
  assert.deepEqual(one.ran.slice(0, 5), ['wave', 'alice', 'wave', 'alice', 'wave']);
});

test('a wait that would be too long is refused at once, with the time to come back', async (t) => {
  const hall = createHall(t, { maxWaitMs: 100 });
  const answers = Array.from({ length: 20 }, () => hall.ask('flood'));
  // Eight hashes of 10 ms are 80 % of the longest wait.
  assert.equal(hall.admission.stats().waiting, 8);
  assert.throws(() => hall.admission.assertRoom('compare', { network: 'flood' }), isRefusal);
  hall.admission.assertRoom('compare', { network: 'alice' });
  const last = await answers[19];
  assert.ok(isRefusal(last));
  assert.equal(last.refused.code === 'unavailable' && last.refused.retryAfterSeconds, 1);
  assert.equal(hall.admission.stats().shed.too_slow, 12);
});

test('who is next in turn waits, however long tasks seem to take; the surplus of a flood does not', async (t) => {
  // Other programs have the processor: a task seems to take ten times the longest wait.
  const hall = createHall(t, { slots: 2, ahead: 2, expectedTaskMs: 10 * LIMITS.maxWaitMs });
  const flood = Array.from({ length: 20 }, () => hall.ask('flood'));
  for (const answer of flood.slice(8)) assert.ok(isRefusal(await answer));
  assert.deepEqual(hall.shed, Array(12).fill('too_slow'), 'four run, four wait for their places');
  hall.admission.assertRoom('compare', { network: 'alice' });
  const alice = hall.ask('alice');
  const bob = hall.ask('bob', 'create');
  assert.equal(hall.shed.length, 12, 'others are next in turn all the same');
  await hall.finish(10);
  assert.deepEqual(await Promise.all([alice, bob, ...flood.slice(0, 8)]), Array(10).fill('done'));
});

test('clients that come again at once are let in when no task ends to tell how long it takes', async (t) => {
  const hall = createHall(t, { maxWaitMs: 100, expectedTaskMs: 1000 });
  let asked = 0;
  while (hall.admission.stats().waiting < 8 && asked < 10_000) {
    await Promise.race([hall.ask('client'), new Promise(setImmediate)]);
    asked++;
  }
  assert.ok(asked > 1000 && asked < 6000, `${asked} asked`);
});

test('one task that took long says little, many of them say it', async (t) => {
  const slow = createHall(t, {}, 100 * TASK_MS);
  const first = slow.ask('alice');
  await slow.finish(2);
  assert.equal(await first, 'done');
  assert.ok(slow.admission.stats().taskMs < 2 * TASK_MS);
  for (let n = 0; n < 40; n++) {
    slow.ask('alice');
    await slow.finish();
  }
  assert.ok(slow.admission.stats().taskMs > 50 * TASK_MS);
});

test('who waits longer than foreseen is refused in the end', async (t) => {
  const hall = createHall(t, { maxWaitMs: 30 });
  hall.ask('alice');
  assert.ok(isRefusal(await hall.ask('alice')));
  assert.deepEqual(hall.shed, ['timeout']);
  assert.equal(hall.admission.stats().waiting, 0);
});

test('OV06 who has gone is never hashed', async (t) => {
  const hall = createHall(t);
  const client = new AbortController();
  hall.ask('alice');
  const waiting = Array.from({ length: 5 }, () => hall.ask('bob', 'compare', client.signal));
  client.abort();
  for (const answer of waiting) assert.ok(isRefusal(await answer));
  assert.ok(isRefusal(await hall.ask('bob', 'compare', client.signal)), 'gone before it came');
  await hall.finish(10);
  assert.deepEqual(hall.ran, ['alice']);
  assert.equal(hall.admission.stats().shed.cancelled, 6);
});

test('a task that fails gives its slot back', async (t) => {
  const { admission } = createHall(t);
  const failing = admission.run('compare', { network: '' }, () => Promise.reject(new Error('x')));
  await assert.rejects(failing, /^Error: x$/);
  const done = { ms: 1 };
  assert.equal(await admission.run('compare', { network: '' }, async () => done), done);
});

test('who runs tasks has the next at hand, and it counts in what is foreseen', async (t) => {
  const hall = createHall(t, { ahead: 1, maxWaitMs: 100 });
  const answers = Array.from({ length: 20 }, () => hall.ask('flood'));
  const last = await answers[19];
  assert.equal(hall.ran.length, 2, 'one runs, one is at hand');
  const { running, waiting } = hall.admission.stats();
  assert.deepEqual({ running, waiting }, { running: 1, waiting: 8 });
  assert.ok(isRefusal(last));
  await hall.finish();
  assert.equal(hall.ran.length, 3);
});

test('whatever comes and goes, the queue loses nobody and is fair', () => {
  type Entry = { network: string; lane: Lane; n: number };
  const network = fc.constantFrom('a', 'b', 'c', 'd');
  const lane = fc.constantFrom<Lane>('compare', 'create');
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
      assert.equal(queue.length('compare') + queue.length('create'), inside.length);
      const waits = new Map<string, number>();
      for (const { network: own, lane: of } of inside) waits.set(own + of, 0);
      const served: Entry[] = [];
      for (let next = queue.take(); next; next = queue.take()) {
        served.push(next);
        for (const key of waits.keys()) waits.set(key, (waits.get(key) ?? 0) + 1);
        const key = next.network + next.lane;
        // Four networks in two lanes: nobody's turn is further away than a round of all.
        assert.ok((waits.get(key) ?? 0) <= 8, `${key} waited ${waits.get(key)} turns`);
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
