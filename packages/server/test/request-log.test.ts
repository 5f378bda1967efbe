/** The line and the count of a response: once, true, after it was sent, and bounded for floods. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { pino } from 'pino';
import { action } from '../src/http/action.ts';
import { open } from '../src/http/resource.ts';
import { createHttpServer } from '../src/http/server.ts';
import { startService } from './support/service.ts';
import { createTestTimers } from './support/timers.ts';

type Line = { msg: string; status?: number | string; ms?: number; count?: number };
const linesOf = (log: readonly string[]) => log.map((line): Line => JSON.parse(line));
const requests = (log: readonly string[]) => linesOf(log).filter(({ msg }) => msg === 'request');

/** An HTTP server with one route of the test's own, its log and its counts. */
async function startHttp(t: TestContext, handle: () => { id: number }) {
  const log: string[] = [];
  const counted: { status: number; ms: number }[] = [];
  const logger = pino({ level: 'info' }, { write: (line: string) => log.push(line) });
  const metrics = {
    responded: (_route: unknown, _method: string, status: number, ms: number) =>
      counted.push({ status, ms }),
    refusedUnread() {},
    refused() {},
    databaseFailed() {},
  };
  const edge = { corsOrigins: [], trustedProxies: [], authHeaderTypes: ['Bearer'] };
  const http = createHttpServer(logger, edge, metrics);
  const response = {
    title: 'Thing',
    type: 'object',
    required: ['id'],
    properties: { id: { type: 'integer' } },
  } as const;
  open('/thing', {
    GET: action({ operationId: 'showThing', summary: 'A thing', response, handle }),
  }).mount(http);
  await http.app.listen({ host: '127.0.0.1', port: 0 });
  t.after(() => http.app.close());
  return { log, counted, url: `${http.app.listeningOrigin}/thing` };
}

test('the duration of a preflight is what its client waited', async (t) => {
  const origin = 'https://good.example';
  const service = await startService(t, { GATEPASS_CORS_ORIGINS: origin });
  const headers = { origin, 'access-control-request-method': 'POST' };
  const since = performance.now();
  await service.send('/api/token', { method: 'OPTIONS', headers });
  const waited = performance.now() - since;
  const [line] = requests(service.log);
  assert.equal(line?.status, 204);
  assert.ok((line?.ms ?? Number.NaN) <= waited + 0.1, `${line?.ms} ms of ${waited}`);
});

test('a response that cannot be serialised is logged and counted as one 500', async (t) => {
  const { url, log, counted } = await startHttp(t, () => ({ id: Number.NaN }));
  assert.equal((await fetch(url)).status, 500);
  assert.deepEqual(
    requests(log).map(({ status }) => status),
    [500],
  );
  assert.deepEqual(
    counted.map(({ status }) => status),
    [500],
  );
});

test('the duration of a response includes the wait for the end of its turn', async (t) => {
  const BUSY_MS = 30;
  const busy = () => {
    for (const end = performance.now() + BUSY_MS; performance.now() < end; );
  };
  const { url, log, counted } = await startHttp(t, () => {
    process.nextTick(busy);
    return { id: 1 };
  });
  assert.equal((await fetch(url)).status, 200);
  assert.ok((counted[0]?.ms ?? 0) >= BUSY_MS, `counted ${counted[0]?.ms} ms`);
  assert.ok((requests(log)[0]?.ms ?? 0) >= BUSY_MS, `logged ${requests(log)[0]?.ms} ms`);
});

test('a flood of refused requests logs ten lines a second and a count of the others', async (t) => {
  const timers = createTestTimers();
  const service = await startService(t, {}, { timers });
  const flood = () => Promise.all(Array.from({ length: 100 }, () => service.verify('no token')));
  await flood();
  assert.equal(requests(service.log).length, 10);
  await service.register();
  assert.equal(requests(service.log).at(-1)?.status, 201, 'a success is never left out');
  await timers.advance(1000);
  const { msg, status, count } = linesOf(service.log).at(-1) ?? {};
  assert.deepEqual([msg, status, count], ['more requests refused', '4xx', 90]);
  await flood();
  assert.equal(requests(service.log).length, 21, 'another second, another ten');
});
