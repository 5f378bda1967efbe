/** `@gatepass/client/device`: during an attack on the account only its known devices can log in. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import {
  HOME,
  type Limited,
  RIGHT,
  startLimited,
  VICTIM,
  WRONG,
} from '../../server/test/security/support/limited.ts';
import type { Fetch } from '../src/calls.ts';
import { type DeviceStorage, knownDevice } from '../src/device.ts';
import { createClient } from '../src/index.ts';

const ELSEWHERE = '198.51.100.77';

function createStorage() {
  const entries = new Map<string, string>();
  return {
    entries,
    getItem: (key: string) => entries.get(key),
    setItem: (key: string, value: string) => void entries.set(key, value),
  };
}

/** A client in a network, with what it sent. */
function clientIn(t: TestContext, service: Limited, network: string, storage: DeviceStorage) {
  const sent: Request[] = [];
  const send: Fetch = (input, init) => {
    const headers = new Headers(init?.headers);
    for (const [name, value] of Object.entries(service.from(network))) headers.set(name, value);
    const request = new Request(input as string, { ...init, headers });
    sent.push(request.clone());
    return fetch(request);
  };
  const { url } = service;
  const now = service.clock.now;
  const client = createClient({ url, now, fetch: knownDevice({ url, storage, fetch: send }) });
  t.after(client.close);
  return { client, sent };
}

async function burn(service: Limited) {
  for (let i = 0; ; i++) {
    const body = { email: VICTIM, password: WRONG };
    const { status } = await service.post('/api/token', body, service.from(`192.0.2.${i}`));
    if (status === 429) return;
    assert.ok(i < 100);
  }
}

test('a device that has logged in logs in from a new network while the account is under attack', async (t) => {
  const service = await startLimited(t);
  await service.registerFrom(HOME);
  const storage = createStorage();
  const first = clientIn(t, service, HOME, storage);
  await first.client.login(VICTIM, RIGHT);
  const [token] = storage.entries.values();
  assert.ok(token);
  await first.client.logout();
  await burn(service);
  const stranger = clientIn(t, service, ELSEWHERE, createStorage());
  await assert.rejects(stranger.client.login(VICTIM, RIGHT), { status: 429 });
  const { client } = clientIn(t, service, ELSEWHERE, storage);
  await client.login(VICTIM, RIGHT);
  assert.notEqual([...storage.entries.values()][0], token, 'each login replaces it');
});

test('no request but a login to the service carries the token', async (t) => {
  const service = await startLimited(t);
  await service.registerFrom(HOME);
  const { client, sent } = clientIn(t, service, HOME, createStorage());
  await client.login(VICTIM, RIGHT);
  await client.user();
  await client.fetch('/api/token/verify', { method: 'POST' });
  await client.fetch('https://other.invalid/api/token', { method: 'POST' }).catch(() => {});
  const carrying = sent.filter(({ headers }) => headers.has('x-known-device'));
  assert.deepEqual(
    carrying.map(({ url }) => url),
    [`${service.url}/api/token`],
  );
  assert.ok(sent.length > carrying.length);
});

test('a failing storage loses the device token, not the login', async (t) => {
  const service = await startLimited(t);
  await service.registerFrom(HOME);
  const fail = () => {
    throw new Error('forbidden');
  };
  const { client } = clientIn(t, service, HOME, { getItem: fail, setItem: fail });
  await client.login(VICTIM, RIGHT);
  assert.equal(client.isLoggedIn, true);
});

test('on a server no device token is kept', () => {
  const send: Fetch = () => Promise.resolve(new Response());
  assert.equal(knownDevice({ url: 'https://id.example.com', fetch: send }), send);
});
