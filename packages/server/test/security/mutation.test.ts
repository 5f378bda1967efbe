/** docs/security-cases.md, HP18: requests with random damage, from a fixed seed. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { PASSWORD, startService } from '../support/service.ts';
import { latin1, request } from './support/raw.ts';

const ROUNDS = 10_000;
const PARALLEL = 24;
const QUIET_MS = 20;
const TURNS = 20;
const JSON_TYPE = 'Content-Type: application/json';
const FORM = 'Content-Type: application/x-www-form-urlencoded';

/** mulberry32: small, and the same everywhere. */
function createRandom(seed: number) {
  let state = seed;
  return (limit: number) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % limit;
  };
}

function mutate(bytes: Buffer, random: (limit: number) => number): Buffer {
  let mutant = Buffer.from(bytes);
  for (let i = random(4); i >= 0; i--) {
    const at = random(mutant.length);
    const length = random(12);
    const [head, tail] = [mutant.subarray(0, at), mutant.subarray(at)];
    switch (random(5)) {
      case 0:
        mutant = Buffer.concat([head, tail.subarray(length)]);
        break;
      case 1:
        mutant = Buffer.concat([head, tail.subarray(0, length), tail]);
        break;
      case 2:
        mutant = Buffer.concat([
          head,
          Buffer.from(['\r\n', '\0', '\xff', ': ', ','][length % 5] ?? ''),
          tail,
        ]);
        break;
      default:
        mutant[at] = (mutant[at] ?? 0) ^ (1 << random(8));
    }
    if (mutant.length === 0) return mutant;
  }
  return mutant;
}

/** What comes back until the server closes, or has nothing more to say. */
const answerTo = (port: number, bytes: Buffer) =>
  new Promise<string>((resolve) => {
    let received = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    // A mutant may announce more than it sends; the server's patience has a test of its own. It shares
    // this event loop: what it has not sent after some turns will not come.
    socket.setTimeout(QUIET_MS).on('timeout', async () => {
      const before = received;
      for (let turn = 0; turn < TURNS; turn++) await nextTurn();
      if (received === before) socket.destroy();
    });
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => {
      received += text;
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(received));
  });

test(`HP18 ${ROUNDS} damaged requests: no 5xx, no exit, always HTTP`, async (t) => {
  const service = await startService(t);
  await service.register();
  const { body: pair } = await service.login();
  const credentials = JSON.stringify({ email: 'alice@example.com', password: PASSWORD });
  const chunked = `5\r\n{"tok\r\n${(pair.access.length + 6).toString(16)}\r\nen":"${pair.access}"}\r\n0\r\n\r\n`;
  const corpus = [
    request('POST /api/token/verify', [JSON_TYPE], JSON.stringify({ token: pair.access })),
    request('POST /api/token/refresh', [JSON_TYPE], JSON.stringify({ refresh: pair.refresh })),
    request('GET /api/users/me', [`Authorization: Bearer ${pair.access}`, 'Accept-Language: ru']),
    request('POST /api/token/verify', [JSON_TYPE, 'Transfer-Encoding: chunked']) + chunked,
    request('POST /api/token/verify', [FORM], `token=${pair.access}`),
    request('GET /docs/static/index.css', ['Range: bytes=0-9', 'If-None-Match: "x"']),
    request('POST /api/users', [JSON_TYPE], credentials),
    request('OPTIONS /api/token/?format=json', ['Expect: 100-continue', 'Upgrade: h2c']),
  ].map(latin1);
  // A password costs a hash: one in forty will do.
  const login = latin1(request('POST /api/token', [JSON_TYPE], credentials));
  const random = createRandom(20260102);
  const statuses = new Map<string, number>();
  let round = 0;
  const client = async () => {
    while (round < ROUNDS) {
      const sample = ++round % 40 === 0 ? login : (corpus[round % corpus.length] ?? login);
      const mutant = mutate(sample, random);
      const received = await answerTo(service.port, mutant);
      for (const [, status = ''] of received.matchAll(/HTTP\/1\.1 (\d{3}) /g)) {
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        assert.ok(
          Number(status) < 500,
          `${JSON.stringify(mutant.toString('latin1'))}\n${received}`,
        );
      }
      assert.ok(received === '' || received.startsWith('HTTP/1.1 '), received);
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, client));
  for (const status of ['200', '400', '401', '404']) assert.ok(statuses.has(status), status);
  assert.equal((await service.login()).status, 200);
  assert.deepEqual(
    service.log.filter((line) => /"level":(50|60)/.test(line)),
    [],
  );
});
