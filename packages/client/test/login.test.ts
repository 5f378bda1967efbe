/** A login from its beginning to its end, against the real service, with and without rotation. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDevice, createShelf, EMAIL, PASSWORD, startWithAlice } from './support/device.ts';
import { ME, REFRESH } from './support/wire.ts';

const MINUTE = 60_000;

for (const rotation of ['true', 'false']) {
  const variables = { GATEPASS_ROTATE_REFRESH_TOKENS: rotation };
  const name = (text: string) => `${text} (rotation ${rotation === 'true' ? 'on' : 'off'})`;

  test(name('register, login, user, fetch, logout'), async (t) => {
    const service = await startWithAlice(t, variables);
    const { client, changes } = createDevice(t, service);

    const { id, email } = await client.register('bob@example.com', PASSWORD);
    assert.equal(email, 'bob@example.com');
    assert.equal(client.isLoggedIn, false);
    await client.login('bob@example.com', PASSWORD);
    assert.equal(client.isLoggedIn, true);
    assert.deepEqual(await client.user(), { id, email });
    const response = await client.fetch('/api/users/me', { headers: { 'x-request-id': 'mine' } });
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('x-request-id'), 'mine');

    await client.logout();
    assert.equal(client.isLoggedIn, false);
    await assert.rejects(client.user(), { code: 'not_logged_in' });
    await assert.rejects(client.fetch('/api/users/me'), { code: 'not_logged_in' });
    assert.deepEqual(changes, ['login', 'logout']);
  });

  test(name('logout ends the session at the service'), async (t) => {
    const service = await startWithAlice(t, variables);
    const storage = createShelf();
    const { client } = createDevice(t, service, { storage });
    await client.login(EMAIL, PASSWORD);
    const { access, refresh } = storage.tokens();
    await client.logout();
    assert.equal(storage.entries.size, 0);
    assert.equal((await service.verify(access)).status, 401);
    assert.equal((await service.refresh(refresh)).status, 401);
    await client.logout();
  });

  test(name('an ageing token is replaced while the request goes on'), async (t) => {
    const service = await startWithAlice(t, variables);
    const { client, wire } = createDevice(t, service);
    await client.login(EMAIL, PASSWORD);
    service.clock.advance(5 * MINUTE - 16_000);
    await client.user();
    assert.equal(wire.count(REFRESH), 0);

    service.clock.advance(2000);
    await client.user();
    while (wire.answers.length < wire.sent.length) await new Promise(setImmediate);
    assert.equal(wire.count(REFRESH), 1);
    service.clock.advance(4 * MINUTE);
    await client.user();
    assert.equal(wire.count(REFRESH), 1);
  });

  test(name('an expired token is replaced first, once for all who wait'), async (t) => {
    const service = await startWithAlice(t, variables);
    const { client, wire } = createDevice(t, service);
    await client.login(EMAIL, PASSWORD);
    for (let round = 1; round <= 3; round++) {
      service.clock.advance(5 * MINUTE);
      const users = await Promise.all(Array.from({ length: 50 }, () => client.user()));
      assert.ok(users.every(({ email }) => email === EMAIL));
      assert.equal(wire.count(REFRESH), round);
      assert.equal(wire.count(ME), 50 * round);
    }
  });

  test(name('a 401 for the token is mended by one refresh, once for all'), async (t) => {
    const service = await startWithAlice(t, variables);
    let frozen = service.clock.now();
    // A device whose clock stands still believes in its token for ever.
    const { client, wire } = createDevice(t, service, { now: () => frozen });
    await client.login(EMAIL, PASSWORD);
    service.clock.advance(6 * MINUTE);
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => client.fetch('/api/users/me')),
    );
    assert.ok(answers.every(({ status }) => status === 200));
    assert.equal(wire.count(REFRESH), 1);
    assert.equal(wire.count(ME), 40);
    // Turned back: refreshed too early rather than too late.
    frozen -= 60 * MINUTE;
    await client.user();
    assert.equal(wire.count(REFRESH), 2);
  });

  test(name('the clock of the device may be years off'), async (t) => {
    const service = await startWithAlice(t, variables);
    const wrong = 3 * 365 * 24 * 60 * MINUTE;
    for (const skew of [-wrong, wrong]) {
      const now = () => service.clock.now() + skew;
      const { client, wire } = createDevice(t, service, { now });
      await client.login(EMAIL, PASSWORD);
      service.clock.advance(4 * MINUTE);
      await client.user();
      assert.equal(wire.count(REFRESH), 0);
      service.clock.advance(MINUTE);
      await client.user();
      assert.equal(wire.count(REFRESH), 1);
      assert.equal(wire.count(ME), 2);
    }
  });

  test(name('a lost answer to a refresh costs nothing but time'), async (t) => {
    const service = await startWithAlice(t, variables);
    const storage = createShelf();
    const { client, wire, changes } = createDevice(t, service, { storage });
    await client.login(EMAIL, PASSWORD);
    service.clock.advance(6 * MINUTE);
    wire.lose(REFRESH, 2);
    await client.user();
    assert.equal(wire.count(REFRESH), 3);
    assert.deepEqual(changes, ['login']);
    const successors = wire.answers
      .filter((text) => text.includes('"access"'))
      .map((text) => (JSON.parse(text) as { refresh?: string }).refresh)
      .slice(1);
    assert.equal(successors.length, 3);
    assert.equal(new Set(successors).size, 1);
    if (rotation === 'true') assert.equal(storage.tokens()['refresh'], successors[0]);
  });
}

test('losing every response to a refresh logs no user out', async (t) => {
  const service = await startWithAlice(t, { GATEPASS_ROTATE_REFRESH_TOKENS: 'true' });
  const { client, wire, changes } = createDevice(t, service);
  await client.login(EMAIL, PASSWORD);
  service.clock.advance(6 * MINUTE);
  wire.lose(REFRESH, 4);
  await assert.rejects(client.user(), { code: 'network' });
  assert.equal(client.isLoggedIn, true);
  // Later than the service's window for racing tabs.
  service.clock.advance(MINUTE);
  assert.equal((await client.user()).email, EMAIL);
  assert.deepEqual(changes, ['login']);
});
