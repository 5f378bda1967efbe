/** What is refused before routing is in the log, in a bounded number of lines. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startService } from '../support/service.ts';
import { createTestTimers } from '../support/timers.ts';
import { converse, request } from './support/raw.ts';

type Line = { msg: string; status?: number; ip?: string; count?: number };

const refused = (log: readonly string[]) =>
  log
    .map((line): Line => JSON.parse(line))
    .filter(({ msg }) => /malformed requests? refused/.test(msg));

const GARBAGE = 'x\r\n\r\n';

const cases = [
  { name: 'bytes that are no HTTP', bytes: 'not http\r\n\r\n', status: 400 },
  { name: 'two hosts', bytes: request('GET /healthz', ['Host: other.test']), status: 400 },
  { name: 'a tunnel', bytes: 'CONNECT evil.test:443 HTTP/1.1\r\nHost: x\r\n\r\n', status: 400 },
  { name: 'an expectation', bytes: request('GET /healthz', ['Expect: secret-word']), status: 417 },
  {
    name: 'headers without end',
    bytes: request('GET /healthz', [`X-Long: ${'secret-word'.repeat(2000)}`]),
    status: 431,
  },
  { name: 'a URL that is none', bytes: request('GET /%ff?token=secret-word'), status: 404 },
];

for (const { name, bytes, status } of cases) {
  test(`${name}: one line with status and address, nothing of what was sent`, async (t) => {
    const service = await startService(t);
    const [reply] = await converse(service.port, bytes);
    assert.equal(reply?.status, status);
    const lines = refused(service.log);
    assert.deepEqual(
      lines.map((line) => [line.status, line.ip]),
      [[status, '127.0.0.1']],
    );
    assert.ok(!service.log.join('').includes('secret-word'));
  });
}

test('a flood of garbage logs a few lines and a count', async (t) => {
  const timers = createTestTimers();
  const service = await startService(t, {}, { timers });
  const flood = () =>
    Promise.all(Array.from({ length: 100 }, () => converse(service.port, GARBAGE)));
  await flood();
  await timers.advance(1000);
  const lines = refused(service.log);
  assert.equal(lines.length, 11, 'ten of a second, and how many more there were');
  assert.equal(lines.at(-1)?.count, 90);
  await flood();
  assert.equal(refused(service.log).length, 21, 'another second, another ten');
});
