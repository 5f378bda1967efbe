/** The outbox: no queued mail is lost, a rolled-back one is not sent, and repeats are identical. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HOUR, MINUTE, mailTo, openPost, SECOND, type Send } from './support/post.ts';

test('two nodes that deliver at the same time send each mail once', async (t) => {
  const post = await openPost(t);
  const sent: string[] = [];
  const send: Send = async (message) => {
    sent.push(message);
    await new Promise((resolve) => setImmediate(resolve));
  };
  const [a, b] = [await post.node(send), await post.node(send)];
  await a.queue(...Array.from({ length: 250 }, (_, i) => `user${i}@example.com`));
  await Promise.all([a.delivery.deliverDue(), b.delivery.deliverDue()]);
  assert.equal(sent.length, 250);
  assert.equal(new Set(sent).size, 250);
  assert.deepEqual(await a.waiting(), []);
});

test('a mail of a rolled-back transaction is never sent', async (t) => {
  const post = await openPost(t);
  const sent: string[] = [];
  const node = await post.node(async (message) => void sent.push(message));
  const failed = node.database.transaction(async (tx) => {
    await node.outbox.enqueue(tx, mailTo('a@example.com', Date.UTC(2026, 0, 2)));
    throw new Error('the registration failed');
  });
  await assert.rejects(failed, /registration failed/);
  await node.delivery.deliverDue();
  assert.deepEqual(sent, []);
});

test('a mail server that is down for an hour loses no mail, and retries wait longer each time', async (t) => {
  const post = await openPost(t);
  const attempts: number[] = [];
  const sent: string[] = [];
  let isDown = true;
  let at = 0;
  const node = await post.node(async (message) => {
    attempts.push(at);
    if (isDown) throw new Error('connect ECONNREFUSED');
    sent.push(message);
  });
  await node.queue('a@example.com', 'b@example.com');
  while (at < HOUR) {
    await node.delivery.deliverDue();
    post.advance(SECOND);
    at += SECOND;
  }
  const times = [...new Set(attempts)];
  const pauses = times.slice(1).map((each, i) => each - (times[i] ?? 0));
  assert.deepEqual(pauses.slice(0, 4), [5 * SECOND, 30 * SECOND, 2 * MINUTE, 10 * MINUTE]);
  assert.deepEqual(
    node.failures.filter(({ isGivenUp }) => isGivenUp),
    [],
  );
  isDown = false;
  post.advance(HOUR);
  await node.delivery.deliverDue();
  assert.deepEqual(sent.length, 2);
  assert.deepEqual(await node.waiting(), []);
});

test('a mail that is always refused delays no other mail and is given up when it expires', async (t) => {
  const post = await openPost(t);
  const sent: string[] = [];
  const node = await post.node(async (message) => {
    if (message.startsWith('bad@')) throw new Error('550 5.1.1 No such user');
    sent.push(message);
  });
  await node.queue('bad@example.com', 'good@example.com');
  for (let i = 0; i < 10; i++) {
    await node.delivery.deliverDue();
    post.advance(HOUR);
  }
  assert.equal(sent.length, 1);
  assert.deepEqual(node.failures.at(-1), { recipient: 'bad@example.com', isGivenUp: true });
  const [left] = await node.waiting();
  assert.match(left?.lastError ?? '', /550/);
  assert.notEqual(left?.failedAt, undefined);
});

test('a crash between the server’s 250 and the commit sends the same bytes again', async (t) => {
  let isCrashing = false;
  const post = await openPost(t, () => {
    if (isCrashing) throw new Error('killed before the commit');
  });
  const sent: string[] = [];
  const node = await post.node(async (message) => {
    sent.push(message);
    isCrashing = true;
  });
  await node.queue('a@example.com');
  await node.delivery.deliverDue();
  assert.equal(sent.length, 1);
  isCrashing = false;
  await node.delivery.deliverDue();
  assert.equal(sent.length, 1, 'the lease still holds');
  post.advance(3 * MINUTE);
  await node.delivery.deliverDue();
  assert.equal(sent.length, 2);
  assert.equal(sent[0], sent[1]);
});

test('an operator can send a given-up mail again until it expires', async (t) => {
  const post = await openPost(t);
  let isDown = true;
  const sent: string[] = [];
  const node = await post.node(async (message) => {
    if (isDown) throw new Error('connection refused');
    sent.push(message);
  });
  await node.queue('a@example.com');
  await node.delivery.deliverDue();
  isDown = false;
  assert.equal(
    await node.database.transaction((tx) => node.store.retry(tx, Date.UTC(2026, 0, 2))),
    1,
  );
  await node.delivery.deliverDue();
  assert.equal(sent.length, 1);
});
