/** docs/security-cases.md, group HP: clients that are slow, greedy, gone or deaf. */
import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { PASSWORD, type Service, startService } from '../support/service.ts';
import { until } from '../support/until.ts';
import { startWatch } from '../support/watch.ts';
import { collect, converse, latin1, parseReplies, request } from './support/raw.ts';

const JSON_TYPE = 'Content-Type: application/json';

async function assertAlive(service: Service): Promise<void> {
  assert.equal((await service.send('/healthz')).status, 200);
  const { status, body } = await service.login();
  assert.equal(status, 200);
  assert.equal((await service.me(body.access)).status, 200);
  const unhandled = service.log.filter((line) => /"level":(50|60)/.test(line));
  assert.deepEqual(unhandled, []);
}

const HALF = request('POST /api/token/verify', [JSON_TYPE, 'Content-Length: 99']).concat('{');
const CHUNKED = 'Transfer-Encoding: chunked';

describe('HP03 HP04 a slow client gets 408 and is disconnected within 10 seconds', {
  concurrency: true,
}, () => {
  // Node ends what a test has started when the test ends: all share the service of the suite.
  let service: Service;
  const cleanUps: (() => unknown)[] = [];
  before(async () => {
    const context = { after: (work: () => unknown) => cleanUps.push(work) };
    service = await startService(context as never);
    await service.register();
  });
  after(async () => {
    for (const work of cleanUps) await work();
  });

  const waiting = new Set<string>();
  const slow: Record<string, [start: string, drip: string]> = {
    'no byte at all': ['', ''],
    'no end of the request line': ['GET /healthz', ''],
    'one byte of headers a second': ['GET /healthz HTTP/1.1\r\nHost: a\r\nX-A: ', 'a'],
    'headers without an end': ['GET /healthz HTTP/1.1\r\nHost: a\r\n', 'X: a\r\n'],
    'no body': [HALF.slice(0, -1), ''],
    'one byte of body a second': [HALF, 'k'],
    'a chunk without an end': [
      request('POST /api/token/verify', [JSON_TYPE, CHUNKED]),
      '1\r\n \r\n',
    ],
    'a second request without an end': [`${request('GET /healthz')}GET /healthz HTTP/1.1\r\n`, ''],
  };
  for (const [name, [start, drip]] of Object.entries(slow)) {
    test(name, async () => {
      const watch = startWatch();
      const begin = performance.now();
      const bytes = await collect(service.port, (socket) => {
        waiting.add(name);
        socket.write(start);
        const timer = setInterval(() => drip && socket.writable && socket.write(drip), 1000);
        socket.on('close', () => clearInterval(timer));
      });
      waiting.delete(name);
      watch.stop();
      assert.ok(performance.now() - begin > 5000, 'it was given time');
      assert.ok(watch.lived() < 10_500, `closed after ${watch.lived()} ms`);
      const reply = parseReplies(bytes).at(-1);
      assert.equal(reply?.status, 408);
      assert.equal(reply?.headers.get('connection'), 'close');
    });
  }

  test('HP15 a thousand requests of a client that does not read use bounded memory', async () => {
    const socket = connect(service.port, '127.0.0.1').pause();
    const before = process.memoryUsage().rss;
    socket.write(request('GET /docs/static/swagger-ui-bundle.js').repeat(1000));
    await sleep(1000);
    await assertAlive(service);
    assert.ok(process.memoryUsage().rss - before < 200_000_000);
    socket.destroy();
  });

  test('others are served meanwhile', async () => {
    await until('slow clients wait', () => waiting.size > 0, 5);
    assert.equal((await service.send('/healthz')).status, 200);
    assert.ok(waiting.size > 0, 'answered before any of them was closed');
    await assertAlive(service);
  });
});

/** How much the server takes of a body without an end, from a client that does not stop. */
async function taken(port: number, head: string, block: Buffer) {
  let written = 0;
  const bytes = await collect(port, (socket) => {
    const pump = () => {
      while (socket.writable && written < 200_000_000) {
        written += block.length;
        if (!socket.write(block)) return;
      }
    };
    socket.write(latin1(head));
    socket.on('drain', pump);
    pump();
  });
  return { written, replies: parseReplies(bytes) };
}

const ENDLESS: Record<string, [status: number, line: string, headers: string[]]> = {
  'HP02 a body of a gigabyte': [413, 'POST /api/token', [JSON_TYPE]],
  'HP02 an endless chunked body': [413, 'POST /api/token', [JSON_TYPE, CHUNKED]],
  'HP02 an endless body for a wrong path': [413, 'POST /api/nothing', []],
  'an endless body for a wrong method': [405, 'PUT /api/token', []],
  'an endless chunked body for a wrong method': [405, 'PUT /api/token', [CHUNKED]],
  'an endless body without a token': [401, 'POST /api/users/me', []],
  'an endless body for a GET': [200, 'GET /healthz', []],
  'an endless chunked body for a GET': [200, 'GET /healthz', [CHUNKED]],
  'an endless body of another media type': [413, 'POST /api/token', ['Content-Type: text/plain']],
  'an endless body that is not acceptable': [
    406,
    'POST /api/token',
    ['Accept: text/html', CHUNKED],
  ],
};

for (const [name, [status, line, headers]] of Object.entries(ENDLESS)) {
  test(`${name} gets ${status} at once, without being read`, async (t) => {
    const { port } = await startService(t);
    const isChunked = headers.includes(CHUNKED);
    const data = 'x'.repeat(64 * 1024);
    const block = Buffer.from(isChunked ? `10000\r\n${data}\r\n` : data);
    const framing = isChunked ? [] : ['Content-Length: 1000000000'];
    const { written, replies } = await taken(port, request(line, [...headers, ...framing]), block);
    // The reply may be lost: a reset overtakes it when the client does not stop sending.
    for (const reply of replies) assert.equal(reply.status, status);
    assert.ok(replies.length <= 1);
    // What the kernel's buffers of both sides take, not what the server reads.
    assert.ok(written < 20_000_000, `${written} bytes`);
  });
}

test('HP02 a body of 16 KiB is read, one byte more is not', async (t) => {
  const { post } = await startService(t);
  const ofLength = (length: number) => `{"token":"${'x'.repeat(length - 12)}"}`;
  assert.equal(ofLength(16_384).length, 16_384);
  assert.equal((await post('/api/token/verify', ofLength(16_384))).status, 401);
  assert.equal((await post('/api/token/verify', ofLength(16_385))).status, 413);
});

test('HP16 a client that is cut off at any byte of a login leaves nothing behind', async (t) => {
  const service = await startService(t);
  await service.register();
  const body = JSON.stringify({ email: 'alice@example.com', password: PASSWORD });
  const bytes = request('POST /api/token', [JSON_TYPE], body);
  const cut = (length: number, end: (socket: Socket) => void) =>
    collect(service.port, (socket) => socket.write(bytes.slice(0, length), () => end(socket)));
  for (let length = 0; length <= bytes.length; length += 16) {
    const lengths = Array.from({ length: 16 }, (_, i) => Math.min(length + i, bytes.length));
    await Promise.all(lengths.map((each) => cut(each, (socket) => socket.resetAndDestroy())));
    await Promise.all(lengths.map((each) => cut(each, (socket) => socket.end())));
  }
  await assertAlive(service);
});

test('a refused client cannot hold its half of the connection open', async (t) => {
  const service = await startService(t);
  await service.register();
  const refused = [
    '\0\r\n\r\n',
    'CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n',
    'GET / HTTP/1.1\r\n\r\n',
  ];
  for (const bytes of [...refused, request('GET /healthz', ['Connection: close'])]) {
    await new Promise<void>((resolve) => {
      const options = { port: service.port, host: '127.0.0.1', allowHalfOpen: true };
      const socket = connect(options, () => socket.write(bytes));
      const timer = setInterval(() => socket.write('x'), 20);
      socket.resume();
      // Only a server that has closed both halves answers a write with a reset.
      socket.on('error', () => {
        clearInterval(timer);
        resolve();
      });
    });
  }
  const tunnel = 'CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n';
  await collect(service.port, (socket) => socket.write(tunnel, () => socket.resetAndDestroy()));
  assert.equal((await converse(service.port, tunnel)).length, 1);
  await assertAlive(service);
});
