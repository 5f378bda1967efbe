/** A storage that is full, forbidden or broken costs the reload, never the login. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { TokenStorage } from '../src/index.ts';
import { createShelf } from './support/device.ts';
import { createFake, PAIR, type Reply, token } from './support/fake-service.ts';
import { openPage, webStorage } from './support/page.ts';

const LOGIN = ['alice@example.com', 'secret'] as const;
const USER = { body: { id: 1, email: 'alice@example.com' } };

/** A service whose refresh tokens rotate. */
function rotating() {
  let serial = 0;
  const presented: string[] = [];
  const script = async (call: string, request: Request): Promise<Reply> => {
    if (call.startsWith('GET')) return USER;
    if (call.endsWith('refresh'))
      presented.push(((await request.json()) as { refresh: string }).refresh);
    serial++;
    return { body: { access: token(300, serial), refresh: `R${serial}` } };
  };
  return { script, presented };
}

function listenToWarnings(t: TestContext): string[] {
  const warnings: string[] = [];
  t.mock.method(console, 'warn', (message: string) => warnings.push(message));
  return warnings;
}

const full = () => {
  throw new DOMException(`no room for ${PAIR.body.access}`, 'QuotaExceededError');
};
const rejects = () => Promise.reject(new Error('the disk is gone'));

const storages: [string, (shelf: ReturnType<typeof createShelf>) => TokenStorage | 'local'][] = [
  ['a full storage', (shelf) => ({ ...shelf, set: full })],
  ['an asynchronous storage that cannot write', (shelf) => ({ ...shelf, set: rejects })],
  ['a storage that can neither read nor write', () => ({ get: full, set: full, remove: full })],
  [
    'a storage that does nothing but reject',
    () => ({ get: rejects, set: rejects, remove: rejects }),
  ],
];

for (const [name, storageOf] of storages) {
  test(`${name}: the login works in memory, and listeners are called only for it`, async (t) => {
    const warnings = listenToWarnings(t);
    const shelf = createShelf();
    const { script, presented } = rotating();
    const { client, changes, advance } = createFake(script, { storage: storageOf(shelf) });
    assert.equal(client.isLoggedIn, false);
    await client.login(...LOGIN);
    assert.deepEqual(await client.user(), USER.body);
    for (let refreshes = 0; refreshes < 2; refreshes++) {
      advance(300_000);
      await client.user();
    }
    assert.deepEqual(presented, ['R1', 'R2']);
    await client.logout();
    assert.equal(client.isLoggedIn, false);
    assert.deepEqual(changes, ['login', 'logout']);
    assert.equal(shelf.entries.size, 0);
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? '', /^Gatepass: storage failed: \w+$/);
    assert.doesNotMatch(warnings[0] ?? '', /eyJ/);
  });
}

test('a storage that fails during a login keeps no earlier token', async (t) => {
  const warnings = listenToWarnings(t);
  const shelf = createShelf();
  openPage(t, { localStorage: { value: webStorage(shelf) } });
  const { script } = rotating();
  const options = { storage: 'local', channel: false } as const;
  const { client, changes, advance } = createFake(script, options);
  await client.login(...LOGIN);
  assert.equal(shelf.entries.size, 1);
  localStorage.setItem = full;
  advance(300_000);
  await client.user();
  // The old refresh token would look stolen after a reload.
  assert.equal(shelf.entries.size, 0);
  await client.user();
  assert.deepEqual(changes, ['login']);
  assert.equal(warnings.length, 1);
});

test('a storage that cannot be read for a while does not log out', async (t) => {
  listenToWarnings(t);
  const shelf = createShelf();
  let isReadable = true;
  const get = (key: string) => (isReadable ? shelf.get(key) : full());
  const { client, changes } = createFake(() => PAIR, { storage: { ...shelf, get } });
  await client.login(...LOGIN);
  isReadable = false;
  await client.user();
  assert.equal(client.isLoggedIn, true);
  isReadable = true;
  await client.user();
  assert.deepEqual(changes, ['login']);
});

test('tabs that share a full storage tell each other the tokens', async (t) => {
  listenToWarnings(t);
  openPage(t, { localStorage: { value: { ...webStorage(createShelf()), setItem: full } } });
  const { script, presented } = rotating();
  const options = { storage: 'local', channel: 'a browser without room' } as const;
  const [one, other] = [createFake(script, options), createFake(script, options)];
  t.after(one.client.close);
  t.after(other.client.close);
  await one.client.login(...LOGIN);
  while (!other.client.isLoggedIn) await new Promise(setImmediate);
  other.advance(300_000);
  await other.client.user();
  while (one.changes.length + other.changes.length < 2) await new Promise(setImmediate);
  assert.deepEqual(presented, ['R1']);
  await one.client.logout();
  while (other.client.isLoggedIn) await new Promise(setImmediate);
  assert.deepEqual(
    [one.changes, other.changes],
    [
      ['login', 'logout'],
      ['login', 'logout'],
    ],
  );
});
