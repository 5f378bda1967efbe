/** Events as they happen. */
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { test } from 'node:test';
import { createAuditStore } from '../../src/audit/store.ts';
import { createEvents } from '../../src/events/events.ts';
import { createEventStreams } from '../../src/events/stream.ts';
import { startBeside } from '../sessions/support/faulty.ts';
import { newSharedDatabase } from '../support/databases.ts';
import { createTestTimers } from '../support/timers.ts';
import { until } from '../support/until.ts';
import { openEvents, startEvents } from './support/reader.ts';

const DAY = 86_400_000;

test('an event of another process is in the stream, and Last-Event-ID continues after it', async (t) => {
  const url = await newSharedDatabase(t);
  const service = await startEvents(t, { GATEPASS_DATABASE_URL: url });
  const beside = await startBeside(t, { url, variables: {}, clock: service.clock });
  const { next } = await service.read();
  await service.register();
  await using stream = await openEvents(beside.url, service.key, { after: next });
  assert.equal(stream.response.headers.get('content-type'), 'text/event-stream');
  assert.equal(stream.response.headers.get('x-accel-buffering'), 'no');
  assert.equal(stream.response.headers.get('cache-control'), 'no-store');
  await until('the event that was missed', () => stream.events.length === 1);
  await service.login();
  await until('the event that happens', () => stream.events.length === 2);
  assert.deepEqual(
    stream.events.map(({ type }) => type),
    ['user.created', 'session.opened'],
  );
  const [first] = stream.events;
  await using again = await openEvents(beside.url, service.key, { lastEventId: first?.seq ?? 0 });
  await until('the rest', () => again.events.length === 1);
  assert.deepEqual(again.events, stream.events.slice(1));
});

test('AD01 a stream ends when its key is revoked, and when it expires', async (t) => {
  const service = await startEvents(t);
  const brief = await service.newKey(['events:read'], 1);
  const revoked = await service.newKey();
  await using lasting = await openEvents(service.url, service.key);
  await using first = await openEvents(service.url, revoked);
  await using second = await openEvents(service.url, brief);
  assert.deepEqual([first.response.status, second.response.status], [200, 200]);
  const id = revoked.slice(3, 11);
  await service.ask(`/api/admin/api_keys/${id}`, { method: 'DELETE' }, service.token);
  await first.ended;
  service.clock.advance(DAY);
  await second.ended;
  const before = lasting.events.length;
  await service.register();
  await until('the other goes on', () => lasting.events.length > before);
  const reopened = await openEvents(service.url, revoked);
  assert.equal(reopened.response.status, 401);
});

test('a key may open five streams, and a closed one makes room', async (t) => {
  const service = await startEvents(t);
  const other = await service.newKey();
  const open = () => openEvents(service.url, service.key);
  const streams = await Promise.all(Array.from({ length: 5 }, open));
  t.after(() => Promise.all(streams.map(({ close }) => close())));
  const refused = await open();
  assert.equal(refused.response.status, 503);
  assert.ok(refused.response.headers.get('retry-after'));
  await using one = await openEvents(service.url, other);
  assert.equal(one.response.status, 200);
  await streams[0]?.close();
  await until('there is room', async () => {
    const stream = await open();
    if (stream.response.status !== 200) return false;
    streams.push(stream);
    return true;
  });
});

/** Streams over a database of its own, whose time a test turns. */
async function startStreams(t: Parameters<typeof startEvents>[0], rows: number) {
  const service = await startEvents(t);
  const store = createAuditStore(service.database);
  const write = (count: number) =>
    service.database.transaction((tx) =>
      store.insertAll(
        tx,
        service.clock.now(),
        Array.from({ length: count }, () => ({ event: 'login.ok' as const, userId: 1, by: {} })),
      ),
    );
  for (let left = rows; left > 0; left -= 1000) await write(Math.min(1000, left));
  const timers = createTestTimers();
  const events = createEvents({ store, database: service.database, timers });
  const streams = createEventStreams({ events, isKeyLive: async () => true, timers });
  return { ...service, timers, streams, write };
}

test('a reader that reads nothing costs one page of memory and is disconnected', async (t) => {
  const { streams, timers } = await startStreams(t, 3000);
  const stream = await streams.open('k', { after: 0, types: undefined });
  stream.read(0);
  await until('the first part', () => stream.readableLength > 0);
  stream.read();
  await until('a page waits', () => stream.readableLength > 10_000);
  await timers.advance(59_000);
  assert.ok(stream.readableLength < 60_000, `${stream.readableLength} bytes`);
  assert.equal(stream.destroyed, false);
  await timers.advance(2000);
  assert.equal(stream.destroyed, true);
  assert.equal(streams.size(), 0);
});

test('a stopping server does not wait for a reader that reads nothing', async (t) => {
  const { streams } = await startStreams(t, 1000);
  const [behind, ahead] = [
    await streams.open('k', { after: 0, types: undefined }),
    await streams.open('k', { after: 0, types: ['user.deleted'] }),
  ];
  behind.read(0);
  ahead.resume();
  await until('a part waits', () => behind.readableLength > 0);
  const ended = new Promise((resolve) => ahead.once('end', resolve));
  streams.endAll();
  assert.equal(behind.destroyed, true);
  await ended;
  assert.equal(streams.size(), 0);
});

test('a stream whose client left before the first part makes room too', async (t) => {
  const { streams, timers } = await startStreams(t, 0);
  const stream = await streams.open('k', { after: 0, types: undefined });
  await timers.advance(61_000);
  assert.deepEqual([stream.destroyed, streams.size()], [true, 0]);
});

test('a reader of a type without events is given its position', async (t) => {
  const { streams, timers, write } = await startStreams(t, 0);
  const stream = await streams.open('k', { after: 0, types: ['user.deleted'] });
  let text = '';
  stream.on('data', (part) => {
    text += part;
  });
  await write(450);
  await until('an id without an event', async () => {
    await timers.advance(250);
    return /^id: \d+$/m.test(text);
  });
  assert.ok(!text.includes('data:'));
  assert.ok(Number(/^id: (\d+)$/m.exec(text)?.[1]) >= 450);
  stream.destroy();
});

test('a client that disconnects at once leaves no stream behind', async (t) => {
  const service = await startEvents(t);
  for (let i = 0; i < 10; i++)
    await new Promise<void>((resolve) => {
      const asked = request(`${service.url}/api/events/stream`, {
        headers: { authorization: `Bearer ${service.key}` },
      });
      asked.on('error', () => resolve());
      asked.on('close', () => resolve());
      asked.on('socket', (socket) =>
        socket.on('connect', () => setTimeout(() => asked.destroy(), i)),
      );
      asked.end();
    });
  await until('there is room for all', async () => {
    const streams = await Promise.all(
      Array.from({ length: 5 }, () => openEvents(service.url, service.key)),
    );
    await Promise.all(streams.map(({ close }) => close()));
    return streams.every(({ response }) => response.status === 200);
  });
});
