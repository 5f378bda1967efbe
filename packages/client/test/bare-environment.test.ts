/**
 * Environments that have `fetch` and little else: React Native, old browsers, sandboxed frames.
 * This file removes what they lack before the client is loaded.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Client } from '../src/index.ts';
import { createFake, PAIR, type Reply, token } from './support/fake-service.ts';
import { openPage, setGlobals } from './support/page.ts';

const lacking = ['BroadcastChannel', 'navigator', 'localStorage', 'sessionStorage', 'DOMException'];
for (const name of lacking) Reflect.deleteProperty(globalThis, name);
for (const name of ['timeout', 'any']) Reflect.deleteProperty(AbortSignal, name);

const RENEWED = { body: { access: token(300, 1), refresh: 'R1' } };
const login = (client: Client) => client.login('alice@example.com', 'secret');

test('it lacks what this file is about', () => {
  const { AbortSignal, ...rest } = globalThis as unknown as Record<string, object>;
  assert.ok(AbortSignal && !('timeout' in AbortSignal) && !('any' in AbortSignal));
  for (const name of lacking) assert.equal(rest[name], undefined, name);
});

for (const storage of ['memory', 'local', 'session'] as const)
  test(`login, use, refresh, logout (${storage})`, async () => {
    const fake = createFake((call) => (call.endsWith('refresh') ? RENEWED : PAIR), { storage });
    await login(fake.client);
    await fake.client.user();
    fake.advance(300_000);
    await fake.client.user();
    assert.equal(fake.authorizations.at(-1), `Bearer ${RENEWED.body.access}`);
    await fake.client.logout();
    assert.deepEqual(fake.changes, ['login', 'logout']);
  });

test('a silent service is a timeout, not a network error', async () => {
  const { client } = createFake(
    (_call, { signal }) =>
      new Promise<Reply>((_resolve, reject) => {
        // React Native knows no reason of an abort.
        signal.addEventListener('abort', () =>
          reject(Object.assign(new Error('Aborted'), { name: 'AbortError' })),
        );
      }),
    { timeout: 30 },
  );
  await assert.rejects(login(client), { code: 'timeout' });
});

test('a page without channels and locks works alone', async (t) => {
  class Forbidden {
    constructor() {
      throw new Error('SecurityError');
    }
  }
  const request = () => {
    throw new Error('SecurityError');
  };
  openPage(t);
  setGlobals(t, {
    BroadcastChannel: { value: Forbidden },
    navigator: { value: { locks: { request } } },
    location: {
      get() {
        throw new Error('ReferenceError');
      },
    },
  });
  const fake = createFake((call) => (call.endsWith('refresh') ? RENEWED : PAIR));
  await login(fake.client);
  fake.advance(300_000);
  await fake.client.user();
  assert.deepEqual(fake.changes, ['login']);
});
