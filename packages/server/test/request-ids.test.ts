/** What joins the lines of a request: its id, and its caller's trace. */
import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { REAL_HASHES } from './support/hashing.ts';
import { workDirectory } from './support/process.ts';
import { type Service, startService } from './support/service.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = '00f067aa0ba902b7';

const linesOf = ({ log }: Service, id: string) =>
  log.map((line) => JSON.parse(line)).filter((line) => line.request_id === id);

test('every log line of a request has its id, including the line with the cause', async (t) => {
  const directory = await workDirectory(t);
  const service = await startService(t, {
    GATEPASS_DATABASE_URL: `sqlite:${directory}/gatepass.db`,
  });
  await service.register();
  const sqlite = new DatabaseSync(`${directory}/gatepass.db`);
  const login = (id: string) =>
    service.post(
      '/api/token',
      { email: 'alice@example.com', password: 'correct horse 9 battery' },
      { 'x-request-id': id, traceparent: `00-${TRACE}-${PARENT}-01` },
    );
  // No JavaScript number can hold it.
  sqlite.exec('UPDATE users SET created_at = 1 << 60');
  assert.equal((await login('broken')).headers.get('x-request-id'), 'broken');
  sqlite.exec('DROP TABLE users');
  sqlite.close();
  assert.equal((await login('gone')).status, 503);
  for (const [id, cause] of [
    ['broken', 'request failed'],
    ['gone', 'database unavailable'],
  ] as const) {
    const lines = linesOf(service, id);
    assert.deepEqual(lines.map(({ msg }) => msg).sort(), [cause, 'request'].sort());
    for (const line of lines) assert.equal(line.trace_id, TRACE);
  }
});

test('the log line of a response has its duration', async (t) => {
  const began = performance.now();
  const service = await startService(t, REAL_HASHES);
  await service.register();
  await service.login();
  const lines = service.log.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'request');
  assert.equal(lines.length, 2);
  // Each was a hash of 19 MiB.
  for (const { ms } of lines) assert.ok(ms > 1 && ms < performance.now() - began, `${ms} ms`);
});

test('a valid traceparent is logged, an invalid one is ignored', async (t) => {
  const service = await startService(t);
  const cases: [traceparent: string, isValid: boolean][] = [
    [`00-${TRACE}-${PARENT}-00`, true],
    [`cc-${TRACE}-${PARENT}-01-what.a.later.version.says`, true],
    [`00-${TRACE}-${PARENT}-01-more`, false],
    [`ff-${TRACE}-${PARENT}-01`, false],
    [`00-${'0'.repeat(32)}-${PARENT}-01`, false],
    [`00-${TRACE}-${'0'.repeat(16)}-01`, false],
    [`00-${TRACE.toUpperCase()}-${PARENT}-01`, false],
    [`00-${TRACE.slice(1)}-${PARENT}-01`, false],
    [`00-${TRACE}-${PARENT}`, false],
    ['x'.repeat(8000), false],
  ];
  for (const [i, [traceparent, isValid]] of cases.entries()) {
    const id = `case-${i}`;
    await service.send('/nothing', { headers: { traceparent, 'x-request-id': id } });
    const [line] = linesOf(service, id);
    const expected = isValid ? [TRACE, PARENT] : [undefined, undefined];
    assert.deepEqual([line.trace_id, line.parent_id], expected, traceparent);
  }
});
