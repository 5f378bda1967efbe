/** docs/security-cases.md, group OV: a flood of logins, over HTTP. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { availableParallelism } from 'node:os';
import { type TestContext, test } from 'node:test';
import { processorClock } from '../../../../bench/processor-time.ts';
import type { RejectionReason } from '../../src/passwords/admission.ts';
import { REAL_HASHES } from '../support/hashing.ts';
import { post, startProcess, workDirectory } from '../support/process.ts';
import { PASSWORD, startService } from '../support/service.ts';
import { until } from '../support/until.ts';
import { request } from './support/raw.ts';

const SLOTS = availableParallelism();

/** A service that counts its hashes, and how many of them its threads have at once. */
async function startCounted(t: TestContext) {
  const seen = { started: 0, running: 0, most: 0, rejected: [] as RejectionReason[] };
  const service = await startService(t, REAL_HASHES, {
    hashing: {
      started: () => {
        seen.started++;
        seen.most = Math.max(seen.most, ++seen.running);
      },
      finished: () => seen.running--,
      rejected: (reason) => seen.rejected.push(reason),
    },
  });
  return { service, seen };
}

test('OV02 of 300 simultaneous logins few hash, few wait, and the rest get Retry-After', async (t) => {
  const { service, seen } = await startCounted(t);
  await service.register();
  const before = process.memoryUsage.rss();
  const answers = await Promise.all(Array.from({ length: 300 }, () => service.login()));
  const grown = (process.memoryUsage.rss() - before) / 2 ** 20;
  // Each thread has one in work and one at hand.
  assert.ok(seen.most <= 2 * SLOTS, `${seen.most} hashes at once`);
  assert.ok(grown < SLOTS * 19 + 64, `${grown} MiB more`);
  const refused = answers.filter(({ status }) => status === 503);
  const good = answers.filter(({ status }) => status === 200);
  assert.equal(good.length + refused.length, 300);
  assert.ok(good.length > 0 && good.length <= SLOTS + 64 + 300 / 4, `${good.length} logged in`);
  assert.equal(seen.rejected.length, refused.length);
  for (const { headers, body } of refused) {
    assert.match(headers.get('retry-after') ?? '', /^[1-9]$/);
    assert.equal(body.code, 'unavailable');
  }
  assert.equal((await service.login()).status, 200, 'when it is over it is over');
  assert.equal(seen.running, 0);
});

test('OV07 after a flood, verify, login and memory return to normal', async (t) => {
  const server = await startProcess(t, await workDirectory(t), {
    GATEPASS_WORKERS: '1',
    GATEPASS_MAX_SESSIONS: '10000',
  });
  const alice = { email: 'alice@example.com', password: PASSWORD };
  assert.equal((await post(server.url, '/api/users', alice))?.status, 201);
  const login = () => post(server.url, '/api/token', alice);
  // Processor time does not depend on other programs. A refused request would take too little of it.
  const clock = processorClock(server.child.pid ?? 0);
  const costOf = async (count: number, ask: () => ReturnType<typeof login>) => {
    const begin = clock();
    for (let i = 0; i < count; i++) assert.equal((await ask())?.status, 200);
    return (clock() - begin) / count;
  };
  const token = (await login())?.body['access'];
  const measure = async () => ({
    verify: await costOf(200, () => post(server.url, '/api/token/verify', { token })),
    login: await costOf(7, login),
    rss: await residentMiB(server.child.pid),
  });
  const flood = async () => {
    const statuses: (number | undefined)[] = [];
    for (let round = 0; round < 2; round++) {
      const answers = await Promise.all(Array.from({ length: 300 }, login));
      statuses.push(...answers.map((answer) => answer?.status));
    }
    return statuses;
  };
  // Every thread has hashed and the compiler is warm.
  await Promise.all(Array.from({ length: 4 * SLOTS + 32 }, login));
  await measure();
  const before = await measure();
  assert.deepEqual(new Set(await flood()), new Set([200, 503]), 'it was a flood');
  // Memory returns at some collection of garbage.
  await until('normal again', async () => {
    const after = await measure();
    t.diagnostic(JSON.stringify({ before, after }));
    return (
      after.verify < 2 * before.verify &&
      after.login < 2 * before.login &&
      after.rss <= before.rss * 1.2
    );
  });
});

/** What a process has in memory; 0 where Linux does not tell. */
async function residentMiB(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024;
}

test('OV06 the password of a client that disconnected in the queue is not hashed', async (t) => {
  const { service, seen } = await startCounted(t);
  await service.register();
  const body = JSON.stringify({ email: 'alice@example.com', password: 'wrong otter parade 41' });
  const login = request('POST /api/token', ['Content-Type: application/json'], body);
  const cancelled = () => seen.rejected.filter((reason) => reason === 'cancelled').length;
  // On a busy machine a client may have its turn, or be gone, before it has waited.
  for (let round = 0; round < 20 && cancelled() === 0; round++) {
    const before = { started: seen.started, cancelled: cancelled() };
    const others = Array.from({ length: SLOTS + 4 }, () => service.login());
    const clients = Array.from({ length: 20 }, () => {
      const socket = connect(service.port, '127.0.0.1', () => socket.write(login));
      socket.on('error', () => {});
      return socket;
    });
    await new Promise((resolve) => setTimeout(resolve, 5 + 5 * round));
    for (const socket of clients) socket.destroy();
    await Promise.all(others);
    while (seen.running > 0) await new Promise((resolve) => setImmediate(resolve));
    const hashed = seen.started - before.started;
    const gone = cancelled() - before.cancelled;
    assert.ok(hashed <= others.length + clients.length - gone, `${hashed} hashed, ${gone} gone`);
  }
  assert.ok(cancelled() > 0, JSON.stringify(seen));
});

test('OV08 requests refused by cheaper checks are never hashed', async (t) => {
  const { service, seen } = await startCounted(t);
  await service.register();
  const before = seen.started;
  for (const body of ['{', '[]', '{"email":1}', '{"email":"a@b.example"}', '\u0000', '{"a":'])
    assert.equal((await service.post('/api/token', body)).status, 400);
  assert.equal((await service.register()).status, 400, 'taken');
  assert.equal((await service.register('bob@example.com', 'password')).status, 400, 'weak');
  assert.equal((await service.register('bob', 'granite otter parade 41')).status, 400);
  assert.equal(seen.started, before);
});
