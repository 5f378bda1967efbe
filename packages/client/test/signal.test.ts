/** The caller's signal is honoured at once, whatever the client waits for at that moment. */
import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import type { Fetch } from '../src/calls.ts';
import { createClient } from '../src/index.ts';
import { createFake, PAIR, type Reply, token } from './support/fake-service.ts';
import { REFRESH } from './support/wire.ts';

const LOGIN = 'POST /api/token';
const ME = '/api/users/me';
const RENEWED = { body: { access: token(300, 1), refresh: 'R1' } };

/** A client whose refresh goes on until `arrive` is called. */
async function refreshing() {
  let arrive = (_reply: Reply) => {};
  const asked = Promise.withResolvers<void>();
  const fake = createFake((call) => {
    if (call === LOGIN) return PAIR;
    if (call !== REFRESH) return { body: { id: 1 } };
    asked.resolve();
    return new Promise<Reply>((resolve) => {
      arrive = resolve;
    });
  });
  await fake.client.login('alice@example.com', 'secret');
  fake.advance(300_000);
  return { ...fake, asked: asked.promise, arrive: (reply: Reply) => arrive(reply) };
}

const ways: Record<string, (signal: AbortSignal) => Parameters<Fetch>> = {
  'init.signal': (signal) => [ME, { signal }],
  'the signal of a Request': (signal) => [new Request(`https://id.example${ME}`, { signal })],
};

for (const [name, request] of Object.entries(ways)) {
  test(`${name}: one caller of a shared refresh gives up, the others get its token`, async () => {
    const { client, asked, arrive, sent, changes } = await refreshing();
    const controller = new AbortController();
    const impatient = client.fetch(...request(controller.signal));
    const patient = client.fetch(ME);
    await asked;
    controller.abort(new Error('the page was left'));
    await assert.rejects(impatient, /the page was left/);
    arrive(RENEWED);
    assert.equal((await patient).status, 200);
    assert.deepEqual(sent, [LOGIN, REFRESH, 'GET /api/users/me']);
    assert.equal(client.isLoggedIn, true);
    assert.deepEqual(changes, ['login']);
  });
}

test('an abort without a reason is an AbortError, as in fetch', async () => {
  const { client, asked } = await refreshing();
  const controller = new AbortController();
  const request = client.fetch(ME, { signal: controller.signal });
  await asked;
  controller.abort();
  await assert.rejects(request, { name: 'AbortError' });
});

test('with an aborted signal nothing is sent, not even a refresh', async () => {
  const { client, sent } = await refreshing();
  await assert.rejects(client.fetch(ME, { signal: AbortSignal.abort() }), { name: 'AbortError' });
  await new Promise(setImmediate);
  assert.deepEqual(sent, [LOGIN]);
});

test('a null signal is ignored', async () => {
  const { client } = createFake(() => PAIR);
  await client.login('alice@example.com', 'secret');
  const request = new Request(`https://id.example${ME}`, { signal: AbortSignal.timeout(60_000) });
  assert.equal((await client.fetch(request, { signal: null })).status, 200);
});

test('a successful request leaves no listener on the signal', async () => {
  const reply = { ...PAIR.body, at: 0 };
  const client = createClient({
    url: 'https://id.example',
    fetch: async () => Response.json(reply),
    now: () => 0,
  });
  await client.login('alice@example.com', 'secret');
  const { signal } = new AbortController();
  await client.fetch(ME, { signal });
  await new Promise(setImmediate);
  assert.equal(getEventListeners(signal, 'abort').length, 0);
});
