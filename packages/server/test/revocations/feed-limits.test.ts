/** What one reader of the feed can cost the others: page limit, places of streams (AB04). */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createFeedLog } from '../../src/revocations/feed-log.ts';
import type { Revocation } from '../../src/revocations/revocation.ts';
import { createRevocationStreams } from '../../src/revocations/stream.ts';
import { assertThrottled } from '../security/support/limited.ts';
import { ROTATING, SECOND } from '../sessions/support/holder.ts';
import { openStream } from '../sessions/support/stream.ts';
import { type Service, startService } from '../support/service.ts';
import { createTestTimers } from '../support/timers.ts';
import { until } from '../support/until.ts';
import { FEED, read, revoke } from './support/feed.ts';

const PROXIED = { ...ROTATING, GATEPASS_TRUSTED_PROXIES: '127.0.0.1' };
const from = (address: string) => ({ headers: { 'x-forwarded-for': address } });

test('AB04 the feed is limited per network', async (t) => {
  const service = await startService(t, { ...PROXIED, GATEPASS_RATE_LIMITS: 'on' });
  const ask = (address: string) => service.send(FEED, from(address));
  for (let i = 0; i < 1200; i += 100) {
    const answers = Array.from({ length: 100 }, (_, k) => ask(`2001:db8:0:1::${k}`));
    for (const { status } of await Promise.all(answers)) assert.equal(status, 200);
  }
  const seconds = 60 - (Math.floor(service.clock.now() / SECOND) % 60);
  assertThrottled(await ask('2001:db8:0:1::ffff'), 'feed-network', seconds);
  assert.equal((await ask('2001:db8:0:2::1')).status, 200);
  service.clock.advance(60 * SECOND);
  assert.equal((await ask('2001:db8:0:1::1')).status, 200);
});

test('AB04 requests for the feed do not read the database', async (t) => {
  const service = await startService(t, ROTATING);
  await revoke(service, 1500);
  await service.database.close();
  const first = await read(service);
  assert.equal(first.revocations.length, 1000);
  assert.equal((await read(service, first.next)).revocations.length, 500);
  assert.equal((await read(service, 1499)).revocations.length, 1);
});

/** Streams at once, and how many of them are answered 200; all are closed again. */
async function openMany({ url }: Service, count: number, address: (i: number) => string) {
  const controller = new AbortController();
  const responses = await Promise.all(
    Array.from({ length: count }, (_, i) =>
      fetch(`${url}${FEED}/stream`, { ...from(address(i)), signal: controller.signal }),
    ),
  );
  const close = () => {
    // Held until here: a response that is collected as garbage is disconnected.
    responses.length = 0;
    controller.abort();
  };
  return { statuses: responses.map(({ status }) => status), close };
}

test('a burst of streams opens as many as a network may have, and no more', async (t) => {
  const service = await startService(t, PROXIED);
  const burst = await openMany(service, 150, (i) => `2001:db8:0:1::${i}`);
  const admitted = burst.statuses.filter((status) => status === 200).length;
  assert.equal(admitted, 50);
  assert.deepEqual([...new Set(burst.statuses)].toSorted(), [200, 503]);
  const elsewhere = await openMany(service, 1, () => '2001:db8:0:2::1');
  assert.deepEqual(elsewhere.statuses, [200]);
  burst.close();
  await until('their places are free', async () => {
    const again = await openMany(service, 1, () => '2001:db8:0:1::1');
    again.close();
    return again.statuses[0] === 200;
  });
  elsewhere.close();
});

test('clients that disconnect at once release their place', async (t) => {
  const service = await startService(t, ROTATING);
  const request = `GET ${FEED}/stream HTTP/1.1\r\nHost: x\r\n\r\n`;
  for (let round = 0; round < 6; round++) {
    for (let i = 0; i < 20; i++) {
      const socket = connect(service.port, '127.0.0.1', () => {
        socket.write(request, () => socket.destroy());
      });
      socket.on('error', () => {});
    }
    await sleep(10);
  }
  await until(
    'all fifty places are free',
    async () => {
      const burst = await openMany(service, 50, () => '127.0.0.1');
      burst.close();
      return burst.statuses.every((status) => status === 200);
    },
    200,
  );
});

const entry = (seq: number): Revocation => ({
  seq,
  kind: 'session',
  subject: `s${seq}`,
  issuedBefore: 0,
  series: 0,
  kept: '',
  claimsVersion: 0,
  expiresAt: Number.MAX_SAFE_INTEGER,
});

/** Streams alone, of a log that a test writes, at a time that it turns. */
function startStreams() {
  const timers = createTestTimers();
  const listeners = new Set<(news: readonly Revocation[]) => void>();
  let newest = 0;
  const revocations = {
    newest: () => newest,
    isSuperseded: () => false,
    listen(listener: (news: readonly Revocation[]) => void) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const log = createFeedLog({ revocations, now: () => 0, publishUsers: true, timers });
  const streams = createRevocationStreams({ log, revocations, timers });
  const write = (count: number) => {
    const news = Array.from({ length: count }, (_, i) => entry(newest + 1 + i));
    newest += count;
    for (const listener of listeners) listener(news);
  };
  return { timers, streams, write, listening: () => listeners.size };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('a reader that reads nothing for a minute is disconnected, and an active one stays', async () => {
  const { timers, streams, write, listening } = startStreams();
  const stalled = streams.open('a', 0);
  const reading = streams.open('b', 0);
  let text = '';
  reading.on('data', (chunk) => {
    text += chunk;
  });
  stalled.read(0);
  await turn();
  write(3000);
  await turn();
  for (let i = 0; i < 5; i++) {
    await timers.advance(14 * SECOND);
    await turn();
  }
  assert.equal(streams.size(), 1);
  assert.ok(stalled.destroyed && !reading.destroyed);
  assert.equal(text.match(/^id: /gm)?.length, 3000);
  assert.match(text, /\n\n:\n\n/, 'a sign of life');
  reading.destroy();
  await turn();
  await turn();
  assert.equal(streams.size(), 0);
  assert.equal(listening(), 1, 'the log alone');
});

test('streams end when the process stops, even if nothing reads them', async () => {
  const { streams } = startStreams();
  const ended = Array.from({ length: 3 }, (_, i) => {
    const stream = streams.open(String(i), 0);
    return new Promise((resolve) => stream.on('close', resolve).resume());
  });
  await turn();
  streams.endAll();
  await Promise.all(ended);
  assert.equal(streams.size(), 0);
});

test('a stream over HTTP has its headers and does not support HEAD', async (t) => {
  const service = await startService(t, ROTATING);
  await using stream = await openStream(service.url);
  const { headers } = stream.response ?? {};
  assert.equal(headers?.get('content-type'), 'text/event-stream');
  assert.equal(headers?.get('cache-control'), 'no-store');
  assert.equal(headers?.get('x-content-type-options'), 'nosniff');
  assert.equal((await service.send(`${FEED}/stream`, { method: 'HEAD' })).status, 405);
});
