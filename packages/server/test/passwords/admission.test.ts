/** Which passwords are hashed, when, and which are refused: with tasks that end when the test says so. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createHall, isRefusal, LIMITS } from './support/hall.ts';

test('new passwords get at most half of the slots, half of the queue, and every other turn', async (t) => {
  const two = createHall(t, { slots: 2 });
  two.enter('wave', 'create');
  two.enter('wave', 'create');
  assert.equal(two.admission.stats().running, 1, 'the other slot stays free');
  two.enter('alice');
  assert.equal(two.admission.stats().running, 2);

  const one = createHall(t, { queueLimit: 8 });
  const wave = Array.from({ length: 6 }, () => one.ask('wave', 'create'));
  assert.ok(isRefusal(await wave[5]), 'one runs, four wait');
  one.enter('alice');
  one.enter('alice');
  await one.finish(5);
  assert.deepEqual(one.ran.slice(1, 5), ['wave', 'alice', 'wave', 'alice'], 'after the first');
});

test('the queue holds what the slots can finish within the longest wait', async (t) => {
  const hall = createHall(t, { maxWaitMs: 300 });
  const answers = Array.from({ length: 30 }, () => hall.ask('flood'));
  // 22 tasks of 10 ms are below 75 % of the longest wait.
  assert.equal(hall.admission.stats().waiting, 22);
  assert.throws(() => hall.admission.assertCapacity('compare', { network: 'flood' }), isRefusal);
  hall.admission.assertCapacity('compare', { network: 'alice' });
  const last = await answers[29];
  assert.ok(isRefusal(last));
  assert.equal(last.details.wait?.seconds, 1);
  assert.deepEqual(hall.rejected, Array(8).fill('full'));
});

test('at least sixteen tasks may wait, however slow they are, and fast tasks lengthen the queue again', async (t) => {
  // Other programs have the processor: a task seems to take ten times the longest wait.
  const hall = createHall(t, { slots: 2, ahead: 2, expectedTaskMs: 10 * LIMITS.maxWaitMs });
  const flood = Array.from({ length: 30 }, () => hall.ask('flood'));
  for (const answer of flood.slice(20)) assert.ok(isRefusal(await answer));
  assert.equal(hall.admission.stats().waiting, 16 + 2, 'two of the running ones are only at hand');
  for (let i = 0; i < 120; i++) {
    hall.enter(`${i}`);
    await hall.finish();
  }
  for (let i = 0; i < 100; i++) hall.enter('flood');
  assert.equal(hall.admission.stats().waiting, 64 + 2);
});

test('a task that waits too long is refused', async (t) => {
  const hall = createHall(t, { maxWaitMs: 30 });
  hall.enter('alice');
  assert.ok(isRefusal(await hall.ask('alice')));
  assert.deepEqual(hall.rejected, ['timeout']);
  assert.equal(hall.admission.stats().waiting, 0);
});

test('OV06 a task whose client has disconnected never runs', async (t) => {
  const hall = createHall(t);
  const client = new AbortController();
  hall.enter('alice');
  const waiting = Array.from({ length: 5 }, () => hall.ask('bob', 'compare', client.signal));
  client.abort();
  for (const answer of waiting) assert.ok(isRefusal(await answer));
  assert.ok(isRefusal(await hall.ask('bob', 'compare', client.signal)), 'gone before it came');
  await hall.finish(10);
  assert.deepEqual(hall.ran, ['alice']);
  assert.equal(hall.admission.stats().rejected.cancelled, 6);
});

test('a task that fails gives its slot back', async (t) => {
  const { admission } = createHall(t);
  const failing = admission.run('compare', { network: '' }, () => Promise.reject(new Error('x')));
  await assert.rejects(failing, /^Error: x$/);
  const done = { ms: 1 };
  assert.equal(await admission.run('compare', { network: '' }, async () => done), done);
});

test('a thread has its next task at hand', async (t) => {
  const hall = createHall(t, { ahead: 1, queueLimit: 8 });
  const answers = Array.from({ length: 20 }, () => hall.ask('flood'));
  const last = await answers[19];
  assert.equal(hall.ran.length, 2, 'one runs, one is at hand');
  const { running, waiting } = hall.admission.stats();
  assert.deepEqual({ running, waiting }, { running: 1, waiting: 9 });
  assert.ok(isRefusal(last));
  await hall.finish();
  assert.equal(hall.ran.length, 3);
});
