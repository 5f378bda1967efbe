/** The leases of the outbox during a stop, with a slow server and after a long wait. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTestTimers } from '../support/timers.ts';
import { HOUR, openPost, SECOND, type Send } from './support/post.ts';

test('a stop waits for mails being sent and releases the others', async (t) => {
  const post = await openPost(t);
  const { promise: isStarted, resolve: started } = Promise.withResolvers<void>();
  const { promise: isAccepted, resolve: accept } = Promise.withResolvers<void>();
  const sent: string[] = [];
  const a = await post.node(async (message) => {
    started();
    await isAccepted;
    sent.push(message);
  });
  await a.queue(...Array.from({ length: 30 }, (_, i) => `user${i}@example.com`));
  const delivering = a.delivery.deliverDue();
  await isStarted;
  const stopping = a.delivery.stop();
  accept();
  await stopping;
  await delivering;
  const left = await a.waiting();
  assert.equal(sent.length + left.length, 30);
  assert.ok(sent.length > 0 && left.length > 0);
  assert.deepEqual([...new Set(left.map(({ attempts }) => attempts))], [0]);
  const b = await post.node(async (message) => void sent.push(message));
  await b.delivery.deliverDue();
  assert.equal(new Set(sent).size, 30);
  assert.equal(sent.length, 30, 'no lease had to run out');
});

test('mails sent by a slow server stay leased, so no other node sends them again', async (t) => {
  const post = await openPost(t);
  const timers = createTestTimers();
  const { promise: isStarted, resolve: started } = Promise.withResolvers<void>();
  const { promise: isAccepted, resolve: accept } = Promise.withResolvers<void>();
  const sent: string[] = [];
  const send: Send = async (message) => {
    started();
    await isAccepted;
    sent.push(message);
  };
  const [a, b] = [await post.node(send, timers), await post.node(send)];
  await a.queue('slow@example.com');
  const delivering = a.delivery.deliverDue();
  await isStarted;
  for (let i = 0; i < 6; i++) {
    post.advance(20 * SECOND);
    await timers.advance(20 * SECOND);
    await b.delivery.deliverDue();
  }
  accept();
  await delivering;
  assert.equal(sent.length, 1);
});

test('a mail that could not be sent in time is given up', async (t) => {
  const post = await openPost(t);
  const sent: string[] = [];
  const node = await post.node(async (message) => void sent.push(message));
  await node.queue('a@example.com');
  post.advance(4 * HOUR);
  await node.delivery.deliverDue();
  assert.deepEqual(sent, []);
  assert.deepEqual(node.failures, [{ recipient: 'a@example.com', isGivenUp: true }]);
});
