/** One account on several devices, against the real service. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changePassword, endSession, endSessions, listSessions } from '../src/account.ts';
import { createDevice, createShelf, EMAIL, PASSWORD, startWithAlice } from './support/device.ts';
import { ME, REFRESH } from './support/wire.ts';

async function twoDevices(t: import('node:test').TestContext) {
  const service = await startWithAlice(t, { GATEPASS_ROTATE_REFRESH_TOKENS: 'true' });
  const phone = createDevice(t, service);
  const laptop = createDevice(t, service);
  await phone.client.login(EMAIL, PASSWORD);
  await laptop.client.login(EMAIL, PASSWORD);
  return { service, phone, laptop };
}

test('a session ended by another device rejects as ended, and listeners are called', async (t) => {
  const { phone, laptop } = await twoDevices(t);
  const sessions = await listSessions(laptop.client);
  assert.equal(sessions.length, 2);
  const other = sessions.find(({ current }) => !current);
  assert.equal(await endSession(laptop.client, other?.id ?? ''), true);
  assert.equal(await endSession(laptop.client, other?.id ?? ''), false);

  await assert.rejects(phone.client.user(), {
    name: 'GatepassError',
    code: 'session_ended',
    status: 401,
    reason: 'revoked',
  });
  assert.equal(phone.client.isLoggedIn, false);
  assert.deepEqual(phone.changes, ['login', 'session_ended']);
  assert.equal(phone.wire.count(ME), 1);
  assert.equal(phone.wire.count(REFRESH), 1);
  await assert.rejects(phone.client.user(), { code: 'not_logged_in' });
  assert.equal((await laptop.client.user()).email, EMAIL);
});

test('all calls that wait for an ended session reject, and listeners are called once', async (t) => {
  const { phone, laptop } = await twoDevices(t);
  await endSessions(laptop.client, 'others');
  const outcomes = await Promise.allSettled(
    Array.from({ length: 20 }, () => phone.client.fetch('/api/users/me')),
  );
  for (const outcome of outcomes) {
    assert.equal(outcome.status, 'rejected');
    assert.equal(outcome.reason.code, 'session_ended');
  }
  assert.deepEqual(phone.changes, ['login', 'session_ended']);
});

test('ending all sessions, or its own, logs the device out', async (t) => {
  const { phone, laptop } = await twoDevices(t);
  const own = (await listSessions(phone.client)).find(({ current }) => current);
  assert.equal(await endSession(phone.client, own?.id ?? ''), true);
  assert.equal(phone.client.isLoggedIn, false);
  await endSessions(laptop.client, 'all');
  assert.equal(laptop.client.isLoggedIn, false);
  assert.deepEqual(laptop.changes, ['login', 'logout']);
});

test('ending the other sessions sends the password if the service requires it', async (t) => {
  const { phone, laptop } = await twoDevices(t);
  await assert.rejects(
    endSessions(laptop.client, 'others', 'wrong otter parade 41'),
    (error: never) => {
      const { code, fields } = error as { code: string; fields: object };
      assert.deepEqual([code, Object.keys(fields)], ['invalid_fields', ['current_password']]);
      return true;
    },
  );
  assert.equal((await phone.client.user()).email, EMAIL);
  await endSessions(laptop.client, 'others', PASSWORD);
  await assert.rejects(phone.client.user(), { code: 'session_ended' });
});

test('a new password ends the other devices and keeps this one', async (t) => {
  const { phone, laptop } = await twoDevices(t);
  const next = 'granite otter parade 41';
  await assert.rejects(changePassword(laptop.client, 'wrong', next), (error: never) => {
    const { code, fields } = error as { code: string; fields: object };
    assert.equal(code, 'invalid_fields');
    assert.deepEqual(Object.keys(fields), ['current_password']);
    return true;
  });
  await changePassword(laptop.client, PASSWORD, next);
  assert.equal((await laptop.client.user()).email, EMAIL);
  await assert.rejects(phone.client.user(), { code: 'session_ended' });
  await assert.rejects(phone.client.login(EMAIL, PASSWORD), { code: 'invalid_credentials' });
  await phone.client.login(EMAIL, next);
});

test('an account that is deleted ends the session at the next request', async (t) => {
  const { service, phone, laptop } = await twoDevices(t);
  const response = await laptop.client.fetch('/api/users/me', {
    method: 'DELETE',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ current_password: PASSWORD }),
  });
  assert.equal(response.status, 204);
  await assert.rejects(phone.client.user(), { code: 'session_ended' });
  assert.deepEqual(phone.changes, ['login', 'session_ended']);
  assert.equal((await service.login()).status, 401);
});

test('reuse of an old refresh token logs out both the thief and the owner', async (t) => {
  const { service, phone, laptop } = await twoDevices(t);
  const owner = createShelf();
  const victim = createDevice(t, service, { storage: owner });
  await victim.client.login(EMAIL, PASSWORD);
  const stolen = createShelf();
  for (const [key, value] of owner.entries) stolen.set(key, value);
  for (let refreshes = 0; refreshes < 2; refreshes++) {
    service.clock.advance(300_000);
    await victim.client.user();
  }
  const thief = createDevice(t, service, { storage: stolen });
  await assert.rejects(thief.client.user(), { code: 'session_ended', reason: 'reused' });
  await assert.rejects(victim.client.user(), { code: 'session_ended' });
  await phone.client.user();
  await laptop.client.user();
});

test('a body is sent again after a refresh, a stream is not', async (t) => {
  const { service, phone } = await twoDevices(t);
  const body = JSON.stringify({ current_password: 'wrong', new_password: 'wrong' });
  const headers = { 'content-type': 'application/json' };
  const path = '/api/users/me/password';
  const { client, wire } = phone;
  const { now } = service.clock;
  const frozen = createDevice(t, service, {
    now: (
      (at) => () =>
        at
    )(now()),
  });
  await frozen.client.login(EMAIL, PASSWORD);
  const expire = () => service.clock.advance(301_000);

  expire();
  assert.equal((await frozen.client.fetch(path, { method: 'POST', headers, body })).status, 400);
  expire();
  const request = new Request(service.url + path, { method: 'POST', headers, body });
  assert.equal((await frozen.client.fetch(request)).status, 400);
  expire();
  const stream = new Blob([body]).stream();
  const init: RequestInit & { duplex: 'half' } = {
    method: 'POST',
    headers,
    body: stream as never,
    duplex: 'half',
  };
  assert.equal((await frozen.client.fetch(path, init)).status, 401);
  assert.equal(frozen.wire.count(REFRESH), 2);
  await client.user();
  assert.equal(wire.count(REFRESH), 1);
});
