/** A listener whose app is made for its first request. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import Fastify, { type FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { deferApp } from '../src/http/deferred.ts';
import { setHeaders } from '../src/http/response/headers.ts';

async function listen(t: TestContext, create: () => Promise<FastifyInstance>) {
  const log: string[] = [];
  const logger = pino({}, { write: (line: string) => log.push(line) });
  const listener = deferApp(logger, () => {}, create);
  t.after(() => listener.close());
  return { listener, log, url: await listener.listen({ host: '127.0.0.1', port: 0 }) };
}

test('simultaneous requests share the app that the first one makes', async (t) => {
  let made = 0;
  const { url } = await listen(t, async () => {
    made++;
    return Fastify().get('/', async () => 'here');
  });
  assert.equal(made, 0);
  const bodies = await Promise.all(
    Array.from({ length: 5 }, async () => (await fetch(url)).text()),
  );
  assert.deepEqual(bodies, Array(5).fill('here'));
  assert.equal(made, 1);
});

test('on close an open response is sent and its connection ends', async (t) => {
  const arrived = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const { listener, url } = await listen(t, async () =>
    Fastify()
      .addHook('onRequest', async (request, reply) => setHeaders(request, reply))
      .get('/quick', async () => 'here')
      .get('/', async () => {
        arrived.resolve();
        await released.promise;
        return 'late';
      }),
  );
  assert.equal((await fetch(`${url}/quick`)).headers.get('connection'), 'keep-alive');
  const response = fetch(url);
  await arrived.promise;
  const closed = listener.close();
  released.resolve();
  assert.equal(await (await response).text(), 'late');
  await closed;
});

test('an app that cannot be made is a 503 and logged; the next request tries again', async (t) => {
  let tries = 0;
  const { url, log } = await listen(t, async () => {
    if (++tries === 1) throw new TypeError('a faulty route');
    return Fastify().get('/', async () => 'here');
  });
  const refused = await fetch(url);
  assert.deepEqual([refused.status, (await refused.json()).code], [503, 'unavailable']);
  assert.match(log.join(''), /a faulty route/);
  assert.equal(await (await fetch(url)).text(), 'here');
});
