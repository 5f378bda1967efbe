/** Where tokens are kept, and what happens when that place is odd. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createShelf } from './support/device.ts';
import { createFake, PAIR } from './support/fake-service.ts';
import { openPage, setGlobals, webStorage } from './support/page.ts';

const KEY = 'gatepass:https://id.example';
const STORED = JSON.stringify({ ...PAIR.body, at: 1_000_000 });

const forbid = () => {
  throw new DOMException('denied', 'SecurityError');
};

for (const kind of ['local', 'session'] as const) {
  test(`${kind} storage survives a reload and is empty after logout`, async (t) => {
    const shelf = createShelf();
    openPage(t, { [`${kind}Storage`]: { value: webStorage(shelf) } });
    const before = createFake(() => PAIR, { storage: kind, channel: false });
    await before.client.login('alice@example.com', 'secret');
    assert.deepEqual([...shelf.entries.keys()], [KEY]);

    const after = createFake(() => PAIR, { storage: kind, channel: false });
    assert.equal(after.client.isLoggedIn, true);
    await after.client.user();
    assert.equal(after.authorizations[0], `Bearer ${PAIR.body.access}`);
    await after.client.logout();
    assert.equal(shelf.entries.size, 0);
  });

  for (const [what, value] of Object.entries({
    'the browser forbids': { get: forbid },
    'the browser lacks': { value: undefined },
  }))
    test(`${kind} storage that ${what} is replaced by memory`, async (t) => {
      openPage(t, { [`${kind}Storage`]: value });
      const { client } = createFake(() => PAIR, { storage: kind, channel: false });
      await client.login('alice@example.com', 'secret');
      assert.equal(client.isLoggedIn, true);
      await client.user();
    });

  test(`${kind} storage is not used on a server, because visitors would share a login`, async (t) => {
    const shelf = createShelf();
    setGlobals(t, { [`${kind}Storage`]: { value: webStorage(shelf) } });
    const visitor = createFake(() => PAIR, { storage: kind });
    await visitor.client.login('alice@example.com', 'secret');
    assert.equal(visitor.client.isLoggedIn, true);
    assert.equal(createFake(() => PAIR, { storage: kind }).client.isLoggedIn, false);
    assert.equal(shelf.entries.size, 0);
  });
}

for (const kind of ['memory', 'cookie'] as const)
  test(`${kind} storage does not use an unrelated global of that name`, async (t) => {
    const shelf = createShelf();
    const looked: string[] = [];
    openPage(t, {
      [`${kind}Storage`]: { get: () => looked.push(kind) && webStorage(shelf) },
    });
    const { client } = createFake(() => PAIR, { storage: kind, channel: false });
    await client.login('alice@example.com', 'secret');
    assert.deepEqual([looked, shelf.entries.size], [[], 0]);
  });

for (const text of ['', '{', 'null', '[]', '{"access":"a"}', '7']) {
  test(`stored ${text || 'nothing'} does not count as a login`, async () => {
    const shelf = createShelf();
    shelf.set(KEY, text);
    const { client } = createFake(() => PAIR, { storage: shelf });
    assert.equal(client.isLoggedIn, false);
    await assert.rejects(client.user(), { code: 'not_logged_in' });
    await client.login('alice@example.com', 'secret');
    assert.equal(client.isLoggedIn, true);
  });
}

test('a custom storage may be asynchronous', async () => {
  const shelf = createShelf();
  shelf.set(KEY, STORED);
  const storage = {
    get: (key: string) => sleep(5).then(() => shelf.get(key)),
    set: (key: string, value: string) => sleep(5).then(() => shelf.set(key, value)),
    remove: (key: string) => sleep(5).then(() => shelf.remove(key)),
  };
  const { client, changes } = createFake(() => PAIR, { storage });
  assert.equal(client.isLoggedIn, false);
  await client.user();
  assert.equal(client.isLoggedIn, true);
  const reading = client.user();
  await client.logout();
  await Promise.allSettled([reading]);
  assert.equal(client.isLoggedIn, false);
  await Promise.all([client.login('alice@example.com', 'secret'), client.user().catch(() => {})]);
  await client.user();
  assert.deepEqual(changes, ['login', 'logout', 'login']);
});

test('a logout by another process in the same storage is noticed', async () => {
  const shelf = createShelf();
  const { client, changes } = createFake(() => PAIR, { storage: shelf });
  await client.login('alice@example.com', 'secret');
  shelf.entries.clear();
  await assert.rejects(client.user(), { code: 'not_logged_in' });
  assert.deepEqual(changes, ['login', 'logout']);
});

test('a token without a lifetime is used until it is refused', async () => {
  const { client, sent, advance } = createFake(() => ({
    body: { access: 'opaque', refresh: 'R0' },
  }));
  await client.login('alice@example.com', 'secret');
  advance(1e12);
  await client.user();
  assert.deepEqual(sent, ['POST /api/token', 'GET /api/users/me']);
});

test('a service below a path is found there', async () => {
  const { client, sent } = createFake(() => PAIR, { url: 'https://example.com/id/' });
  await client.login('alice@example.com', 'secret');
  await client.fetch('/api/users/me');
  assert.deepEqual(sent, ['POST /id/api/token', 'GET /id/api/users/me']);
});
