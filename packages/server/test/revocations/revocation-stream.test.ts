/** The revocations as resource servers read them as they happen. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startBeside } from '../sessions/support/faulty.ts';
import { logIn, logOut, ROTATING, sessionIdOf } from '../sessions/support/holder.ts';
import { openStream } from '../sessions/support/stream.ts';
import { newSharedDatabase } from '../support/databases.ts';
import { startProcess, workDirectory } from '../support/process.ts';
import { startService } from '../support/service.ts';
import { revoke, sha256 } from './support/feed.ts';

test('an event of another process is in the stream', async (t) => {
  const url = await newSharedDatabase(t);
  const service = await startService(t, { ...ROTATING, GATEPASS_DATABASE_URL: url });
  const beside = await startBeside(t, { url, variables: ROTATING, clock: service.clock });
  await using stream = await openStream(beside.url);
  assert.equal(stream.response?.headers.get('content-type'), 'text/event-stream');
  assert.equal(stream.response?.headers.get('x-accel-buffering'), 'no');
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
  const writing = (async () => {
    for (let i = 0; i < 20; i++) await revoke(service, 9);
  })();
  const seen: number[] = [];
  let connections = 0;
  for (const deadline = performance.now() + 60_000; seen.length < 180; connections++) {
    assert.ok(performance.now() < deadline, `${seen.length} events within a minute`);
    const stream = await openStream(service.url, { lastEventId: seen.at(-1) ?? 0 });
    await stream.until(1, 1000);
    await stream.close();
    seen.push(...stream.events.map(({ id }) => id));
  }
  await writing;
  assert.deepEqual(
    seen,
    Array.from({ length: 180 }, (_, i) => i + 1),
  );
  assert.ok(connections > 3, `${connections} connections`);
});

test('a reader that missed many pages gets all of them, and new entries in order', async (t) => {
  const service = await startService(t, ROTATING);
  await revoke(service, 4000);
  await sleep(400);
  const seen: number[] = [];
  let connections = 0;
  const reading = async (upTo: number) => {
    for (const deadline = performance.now() + 60_000; (seen.at(-1) ?? 0) < upTo; ) {
      assert.ok(performance.now() < deadline, `${seen.length} events within a minute`);
      await using stream = await openStream(service.url, { lastEventId: seen.at(-1) ?? 0 });
      connections++;
      await stream.until(upTo - seen.length, 200);
      seen.push(...stream.events.map(({ id }) => id));
    }
  };
  await Promise.all([reading(4001), sleep(20).then(() => revoke(service, 1))]);
  t.diagnostic(`${seen.length} events in ${connections} connections`);
  assert.equal(seen.length, 4001);
  assert.ok(seen.every((id, i) => id === i + 1));
});

test('SIGTERM ends open streams, and the server stops with 0', async (t) => {
  const server = await startProcess(t, await workDirectory(t));
  await using _stream = await openStream(server.url);
  server.child.kill('SIGTERM');
  assert.equal(await server.exited, 0);
});

test('closed streams leave nothing behind', async (t) => {
  const service = await startService(t, ROTATING);
  const warnings: string[] = [];
  const note = (warning: Error) => warnings.push(warning.name);
  process.on('warning', note);
  t.after(() => process.off('warning', note));
  for (let i = 0; i < 15; i++) await (await openStream(service.url)).close();
  await sleep(50);
  assert.deepEqual(warnings, []);
});
