/** The revocations as resource servers read them: page by page, or as they happen. */
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createRevocationStore } from '../../src/revocations/store.ts';
import { accountsOf } from '../security/support/accounts.ts';
import { startBeside } from '../sessions/support/faulty.ts';
import {
  HOUR,
  logIn,
  logOut,
  MINUTE,
  ROTATING,
  SECOND,
  sessionIdOf,
} from '../sessions/support/holder.ts';
import { openStream } from '../sessions/support/stream.ts';
import { newSharedDatabase } from '../support/databases.ts';
import { startProcess, workDirectory } from '../support/process.ts';
import { claimsOf, createTestClock, type Service, startService } from '../support/service.ts';
import { timersOf } from '../support/timers.ts';

const FEED = '/api/revocations';
const ACCEPTING = { GATEPASS_ACCEPT_SESSIONLESS_TOKENS: 'true' };
const sha256 = (text: string) => hash('sha256', text, 'base64url');

const read = async (service: Service, after = 0) => {
  const { status, body, text } = await service.send(`${FEED}?after=${after}`);
  assert.equal(status, 200, text);
  return body;
};

/** Revokes `count` sessions that never were, as one end of many would. */
async function revoke({ database, clock }: Service, count: number): Promise<void> {
  const store = createRevocationStore(database);
  for (let done = 0; done < count; done += 500) {
    const rows = Array.from({ length: Math.min(500, count - done) }, (_, i) => ({
      kind: 'session' as const,
      subject: `session-${done + i}`,
      issuedBefore: 0,
      expiresAt: clock.now() + 6 * MINUTE,
    }));
    await database.transaction((tx) => store.insert(tx, rows));
  }
}

const ended = async (service: Service) => {
  const pair = await logIn(service);
  const other = await logIn(service);
  await logOut(service, pair.refresh);
  await (await accountsOf(service)).setPassword('granite otter parade 41');
  return { pair, other, userId: String(claimsOf(pair.access)['user_id']) };
};

test('the feed has each ended session as the hash of its id, and no user', async (t) => {
  const service = await startService(t, ROTATING);
  assert.deepEqual(await read(service), { revocations: [], next: 0 });
  const { pair, other } = await ended(service);
  const { revocations, next } = await read(service);
  const sessions = revocations.map(({ expires_at, ...rest }: { expires_at: number }) => {
    assert.ok(expires_at * SECOND >= service.clock.now() + 6 * MINUTE, 'outlives access tokens');
    return rest;
  });
  assert.deepEqual(sessions, [
    { seq: 1, session: sha256(sessionIdOf(pair.refresh)) },
    { seq: 2, session: sha256(sessionIdOf(other.refresh)) },
  ]);
  assert.equal(next, 3, 'the revocation of the user is passed over');
  assert.deepEqual(await read(service, next), { revocations: [], next });
});

test('where sessionless tokens are accepted it has users too, hashed', async (t) => {
  const service = await startService(t, { ...ROTATING, ...ACCEPTING });
  const { userId } = await ended(service);
  const { revocations } = await read(service, 2);
  const { expires_at: _, ...ofUser } = revocations[0];
  const issued_before = Math.floor(service.clock.now() / SECOND) + 1;
  assert.deepEqual(ofUser, { seq: 3, user: sha256(userId), issued_before });
});

test('the feed names nobody, may be cached for a second, and needs no token', async (t) => {
  const service = await startService(t, { ...ROTATING, ...ACCEPTING });
  const { pair } = await ended(service);
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
    seen.push(...revocations.map(({ seq }: { seq: number }) => seq));
    after = next;
  } while (pages.at(-1) === 1000);
  assert.deepEqual(pages, [1000, 1000, 500]);
  assert.deepEqual(
    seen,
    Array.from({ length: 2500 }, (_, i) => i + 1),
  );
  assert.deepEqual(await read(service, after), { revocations: [], next: 2500 });
});

test('what has expired is left out, and `next` below `after` says: start over', async (t) => {
  const time = createTestClock();
  const service = await startService(t, ROTATING, { clock: time, timers: timersOf(time) });
  await revoke(service, 3);
  const { next } = await read(service);
  service.clock.advance(HOUR);
  assert.deepEqual(await read(service), { revocations: [], next });
  const { database, clock } = service;
  const store = createRevocationStore(database);
  assert.equal(await database.transaction((tx) => store.purge(tx, clock.now(), 500)), 3);
  const emptied = await read(service, next);
  assert.deepEqual(emptied, { revocations: [], next: 0 });
  await revoke(service, 1);
  const again = await read(service, emptied.next);
  assert.deepEqual(
    again.revocations.map(({ seq }: { seq: number }) => seq),
    [next + 1],
  );
});

test('an event of another process is in the stream within a second', async (t) => {
  const url = await newSharedDatabase(t);
  const service = await startService(t, { ...ROTATING, GATEPASS_DATABASE_URL: url });
  const beside = await startBeside(t, { url, variables: ROTATING, clock: service.clock });
  await using stream = await openStream(beside.url);
  assert.equal(stream.response?.headers.get('content-type'), 'text/event-stream');
  assert.equal(stream.response?.headers.get('cache-control'), 'no-store');
  const lags: number[] = [];
  for (let count = 1; count <= 5; count++) {
    const { refresh } = await logIn(service);
    await logOut(service, refresh);
    const answeredAt = performance.now();
    const event = (await stream.until(count)).at(count - 1);
    assert.deepEqual([event?.id, event?.data['seq']], [count, count]);
    assert.equal(event?.data['session'], sha256(sessionIdOf(refresh)));
    lags.push((event?.at ?? Number.POSITIVE_INFINITY) - answeredAt);
  }
  t.diagnostic(`slowest event: ${Math.round(Math.max(...lags))} ms`);
});

test('a reader that reconnects with Last-Event-ID misses none and gets none twice', async (t) => {
  const service = await startService(t, ROTATING);
  let isWriting = true;
  const writing = (async () => {
    for (let i = 0; i < 60; i++) {
      await revoke(service, 3);
      await sleep(15);
    }
    isWriting = false;
  })();
  const seen: number[] = [];
  let connections = 0;
  const deadline = performance.now() + 60_000;
  while ((isWriting || seen.length < 180) && performance.now() < deadline) {
    const stream = await openStream(service.url, { lastEventId: seen.at(-1) ?? 0 });
    await stream.until(1, 300);
    await stream.close();
    seen.push(...stream.events.map(({ id }) => id));
    connections++;
  }
  await writing;
  assert.deepEqual(
    seen,
    Array.from({ length: 180 }, (_, i) => i + 1),
  );
  assert.ok(connections > 3, `${connections} connections`);
});

test('also when many pages were missed, and the news goes on meanwhile', async (t) => {
  const service = await startService(t, ROTATING);
  await revoke(service, 12_000);
  await sleep(400);
  const seen: number[] = [];
  let connections = 0;
  const reading = async (upTo: number) => {
    while ((seen.at(-1) ?? 0) < upTo && connections < 10) {
      await using stream = await openStream(service.url, { lastEventId: seen.at(-1) ?? 0 });
      connections++;
      await stream.until(upTo - seen.length, 200);
      seen.push(...stream.events.map(({ id }) => id));
    }
  };
  await Promise.all([reading(12_001), sleep(20).then(() => revoke(service, 1))]);
  t.diagnostic(`${seen.length} events in ${connections} connections`);
  assert.equal(seen.length, 12_001);
  assert.ok(seen.every((id, i) => id === i + 1));
});

test('SIGTERM ends open streams, and the server stops with 0', async (t) => {
  const server = await startProcess(t, await workDirectory(t));
  await using _stream = await openStream(server.url);
  server.child.kill('SIGTERM');
  assert.equal(await server.exited, 0);
});

test('streams that were closed leave nothing behind', async (t) => {
  const service = await startService(t, ROTATING);
  const warnings: string[] = [];
  const note = (warning: Error) => warnings.push(warning.name);
  process.on('warning', note);
  t.after(() => process.off('warning', note));
  for (let i = 0; i < 15; i++) await (await openStream(service.url)).close();
  await sleep(50);
  assert.deepEqual(warnings, []);
});
