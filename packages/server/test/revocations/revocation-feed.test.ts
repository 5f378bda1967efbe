/** The revocations as resource servers read them, page by page. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRevocationStore } from '../../src/revocations/store.ts';
import { accountsOf } from '../security/support/accounts.ts';
import { startBeside } from '../sessions/support/faulty.ts';
import {
  HOUR,
  logIn,
  logOut,
  MINUTE,
  ROTATING,
  remove,
  SECOND,
  sessionIdOf,
} from '../sessions/support/holder.ts';
import { newSharedDatabase } from '../support/databases.ts';
import { claimsOf, createTestClock, type Service, startService } from '../support/service.ts';
import { timersOf } from '../support/timers.ts';
import { FEED, read, readUpTo, revoke, sha256 } from './support/feed.ts';

const ACCEPTING = { GATEPASS_ACCEPT_SESSIONLESS_TOKENS: 'true' };

const ended = async (service: Service) => {
  const pair = await logIn(service);
  const other = await logIn(service);
  await logOut(service, pair.refresh);
  await (await accountsOf(service)).setPassword('granite otter parade 41');
  return { pair, other, userId: String(claimsOf(pair.access)['user_id']) };
};

test('AB03 the feed lists ended sessions by the hash of their id, while their tokens are valid, and no user', async (t) => {
  const service = await startService(t, ROTATING);
  assert.deepEqual(await read(service), { revocations: [], next: 0 });
  const { pair, other } = await ended(service);
  const { revocations, next } = await readUpTo(service, 2);
  const sessions = revocations.map(({ expires_at, ...rest }) => {
    const left = Number(expires_at) * SECOND - service.clock.now();
    assert.ok(left >= 6 * MINUTE, 'outlives access tokens');
    assert.ok(left < 6 * MINUTE + SECOND, 'and is forgotten with them');
    return rest;
  });
  assert.deepEqual(sessions, [
    { seq: 1, session: sha256(sessionIdOf(pair.refresh)) },
    { seq: 2, session: sha256(sessionIdOf(other.refresh)) },
  ]);
  assert.deepEqual(await read(service, next), { revocations: [], next });
});

test('if sessionless tokens are accepted, the feed also lists users, hashed', async (t) => {
  const service = await startService(t, { ...ROTATING, ...ACCEPTING });
  const { userId } = await ended(service);
  const { revocations } = await readUpTo(service, 3, 2);
  const { expires_at: _, ...ofUser } = revocations[0] ?? {};
  const issued_before = Math.floor(service.clock.now() / SECOND) + 1;
  assert.deepEqual(ofUser, { seq: 3, user: sha256(userId), issued_before });
});

test('the feed names no account, may be cached for a second, and needs no token', async (t) => {
  const service = await startService(t, { ...ROTATING, ...ACCEPTING });
  const { pair } = await ended(service);
  await readUpTo(service, 3);
  const { headers, text, body } = await service.send(FEED);
  assert.equal(body.revocations.length, 3);
  assert.ok(!text.includes(sessionIdOf(pair.refresh)), 'a session id in clear');
  assert.ok(!/"(?:user|subject)":\s*"?\d+"?[,}]/.test(text), 'a user id in clear');
  assert.ok(!text.includes('alice'));
  assert.equal(headers.get('cache-control'), 'public, max-age=1');
});

for (const after of ['x', '-1', '1.5', '1e400', '9007199254740993']) {
  test(`the feed refuses after=${after} and is not cached`, async (t) => {
    const service = await startService(t, ROTATING);
    const { status, body, headers } = await service.send(`${FEED}?after=${after}`);
    assert.equal(status, 400);
    assert.deepEqual(Object.keys(body), ['after']);
    assert.equal(headers.get('cache-control'), 'no-store');
    assert.equal((await service.send(`${FEED}/stream?after=${after}`)).status, 400);
  });
}

test('the feed is read page by page, a thousand at a time, each revocation once', async (t) => {
  const service = await startService(t, ROTATING);
  await revoke(service, 2500);
  const pages: number[] = [];
  const seen: number[] = [];
  let after = 0;
  do {
    const { revocations, next } = await read(service, after);
    pages.push(revocations.length);
    seen.push(...revocations.map(({ seq }) => Number(seq)));
    after = next;
  } while (pages.at(-1) === 1000);
  assert.deepEqual(pages, [1000, 1000, 500]);
  assert.deepEqual(
    seen,
    Array.from({ length: 2500 }, (_, i) => i + 1),
  );
  assert.deepEqual(await read(service, after), { revocations: [], next: 2500 });
});

test('expired entries are left out, and `next` below `after` tells a reader to start over', async (t) => {
  const url = await newSharedDatabase(t);
  const time = createTestClock();
  const variables = { ...ROTATING, GATEPASS_DATABASE_URL: url };
  const service = await startService(t, variables, { clock: time, timers: timersOf(time) });
  await revoke(service, 3);
  const { next } = await read(service);
  service.clock.advance(HOUR);
  assert.deepEqual(await read(service), { revocations: [], next });
  const { database, clock } = service;
  const store = createRevocationStore(database);
  assert.equal(await database.transaction((tx) => store.purge(tx, clock.now(), 500)), 3);
  const beside = await startBeside(t, { url, variables: ROTATING, clock });
  const send = async (path: string) => {
    const response = await fetch(beside.url + path);
    const text = await response.text();
    const { status, headers } = response;
    return { status, headers, text, body: JSON.parse(text) };
  };
  assert.deepEqual(await read({ send }, next), { revocations: [], next: 0 });
  await revoke(service, 1);
  const again = await readUpTo({ send }, next + 1, 0);
  assert.deepEqual(
    again.revocations.map(({ seq }) => seq),
    [next + 1],
  );
});

test('ending all sessions of an account is one entry, however many they were', async (t) => {
  const service = await startService(t, ROTATING);
  const pairs = [await logIn(service), await logIn(service), await logIn(service)];
  const [asking, kept] = pairs;
  await remove(service, '/api/sessions?scope=others', asking?.access ?? '');
  const userId = String(claimsOf(asking?.access ?? '')['user_id']);
  const issued_before = Math.floor(service.clock.now() / SECOND) + 1;
  const expires_at = Math.ceil((service.clock.now() + 6 * MINUTE) / SECOND);
  const entry = { seq: 1, session: sha256(userId), series: 1, issued_before, expires_at };
  assert.deepEqual(await read(service), {
    revocations: [{ ...entry, kept: sha256(sessionIdOf(asking?.refresh ?? '')) }],
    next: 1,
  });
  assert.notEqual(kept, undefined);
  await logIn(service);
  await remove(service, '/api/sessions?scope=all', asking?.access ?? '');
  assert.deepEqual(await read(service), {
    revocations: [{ ...entry, seq: 2, series: 2 }],
    next: 2,
  });
});
