/** Tabs of one browser, as clients that share a channel. Locks and channels are Node's own. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../server/test/support/until.ts';
import { endSessions } from '../src/account.ts';
import type { ClientOptions } from '../src/index.ts';
import { createDevice, createShelf, EMAIL, PASSWORD, startWithAlice } from './support/device.ts';
import { REFRESH } from './support/wire.ts';

let browsers = 0;

async function openTabs(t: TestContext, options: Partial<ClientOptions>, count = 3) {
  const service = await startWithAlice(t, { GATEPASS_ROTATE_REFRESH_TOKENS: 'true' });
  const channel = `browser ${++browsers}`;
  const open = () => createDevice(t, service, { channel, ...options });
  const tabs = Array.from({ length: count }, open);
  const states = () => tabs.map(({ client }) => client.isLoggedIn);
  const refreshes = () => tabs.reduce((sum, { wire }) => sum + wire.count(REFRESH), 0);
  /** A busy machine delivers messages late. */
  const reach = (...expected: string[]) =>
    until(`${expected} in every tab`, () =>
      tabs.every(({ changes }) => changes.join() === expected.join()),
    );
  return { service, tabs, open, reach, states, refreshes, first: tabs[0] as (typeof tabs)[0] };
}

for (const kind of ['memory', 'shared storage']) {
  const options = () => (kind === 'memory' ? {} : { storage: createShelf() });

  test(`login and logout reach all tabs (${kind})`, async (t) => {
    const { first, tabs, open, reach, states } = await openTabs(t, options());
    await first.client.login(EMAIL, PASSWORD);
    await reach('login');
    assert.deepEqual(states(), [true, true, true]);
    for (const { client } of tabs) assert.equal((await client.user()).email, EMAIL);

    const late = open();
    await until('the late tab knows', () => late.client.isLoggedIn);
    assert.equal((await late.client.user()).email, EMAIL);

    await late.client.logout();
    await reach('login', 'logout');
    assert.deepEqual(states(), [false, false, false]);
  });

  test(`one refresh for all tabs (${kind})`, async (t) => {
    const { service, first, tabs, reach, refreshes } = await openTabs(t, options(), 5);
    await first.client.login(EMAIL, PASSWORD);
    await reach('login');
    for (let round = 1; round <= 5; round++) {
      service.clock.advance(300_000);
      await Promise.all(tabs.flatMap(({ client }) => [client.user(), client.user()]));
      assert.equal(refreshes(), round);
    }
  });

  test(`the end of a session reaches all tabs (${kind})`, async (t) => {
    const { service, first, reach, states } = await openTabs(t, options());
    const elsewhere = createDevice(t, service);
    await first.client.login(EMAIL, PASSWORD);
    await elsewhere.client.login(EMAIL, PASSWORD);
    await reach('login');
    await endSessions(elsewhere.client, 'others');
    await assert.rejects(first.client.user(), { code: 'session_ended' });
    await reach('login', 'session_ended');
    assert.deepEqual(states(), [false, false, false]);
  });

  test(`a login to another account reaches all tabs (${kind})`, async (t) => {
    const { first, tabs, reach } = await openTabs(t, options());
    await first.client.login(EMAIL, PASSWORD);
    await first.client.register('bob@example.com', PASSWORD);
    await reach('login');
    await tabs[1]?.client.login('bob@example.com', PASSWORD);
    await reach('login', 'login');
    for (const { client } of tabs) assert.equal((await client.user()).email, 'bob@example.com');
    await reach('login', 'login');
  });
}

test('a tab that slept through two refreshes asks other tabs before it uses its old token', async (t) => {
  const { service, first, open } = await openTabs(t, {}, 1);
  await first.client.login(EMAIL, PASSWORD);
  const ears = mufflers(t);
  const sleeper = open();
  await until('the sleeper knows', () => sleeper.client.isLoggedIn);
  ears.cover();
  for (let refreshes = 0; refreshes < 2; refreshes++) {
    service.clock.advance(300_000);
    await first.client.user();
  }
  ears.uncover();
  service.clock.advance(290_000);
  assert.equal((await sleeper.client.user()).email, EMAIL);
  assert.equal((await first.client.user()).email, EMAIL);
  assert.deepEqual(sleeper.changes, ['login']);
});

/** From now on channels can be kept from hearing, as those of a frozen tab. */
function mufflers(t: TestContext) {
  let isCovered = false;
  const { BroadcastChannel } = globalThis;
  t.after(() => {
    globalThis.BroadcastChannel = BroadcastChannel;
  });
  globalThis.BroadcastChannel = class {
    readonly #channel: BroadcastChannel;
    constructor(name: string) {
      this.#channel = new BroadcastChannel(name);
    }
    set onmessage(listener: (event: unknown) => void) {
      this.#channel.onmessage = (event: unknown) => isCovered || listener(event);
    }
    postMessage(message: unknown) {
      this.#channel.postMessage(message);
    }
    close() {
      this.#channel.close();
    }
  } as never;
  return {
    cover: () => {
      isCovered = true;
    },
    uncover: () => {
      isCovered = false;
    },
  };
}

test('a tab that hangs with the lock does not block the others', async (t) => {
  const { service, first } = await openTabs(t, { storage: createShelf() }, 1);
  await first.client.login(EMAIL, PASSWORD);
  service.clock.advance(300_000);
  t.mock.method(AbortSignal, 'timeout', () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(new DOMException('', 'TimeoutError')), 200);
    return controller.signal;
  });
  const { locks } = navigator as unknown as {
    locks: { request(name: string, task: () => Promise<void>): Promise<void> };
  };
  let release = () => {};
  const hung = locks.request(
    `browser ${browsers}`,
    () =>
      new Promise((resolve) => {
        release = resolve;
      }),
  );
  assert.equal((await first.client.user()).email, EMAIL);
  release();
  await hung;
});

test('clients without a channel are independent, as on a server', async (t) => {
  const { service } = await openTabs(t, {}, 0);
  const one = createDevice(t, service);
  const other = createDevice(t, service);
  await one.client.login(EMAIL, PASSWORD);
  await sleep(30);
  assert.equal(other.client.isLoggedIn, false);
  assert.deepEqual(other.changes, []);
});
