/** docs/security-cases.md, group HC: the headers of every answer. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Service, startService } from '../support/service.ts';
import { converse, LAST, type Reply, request, single } from './support/raw.ts';

const JSON_TYPE = 'Content-Type: application/json';
const BIG = `{"token":"${'x'.repeat(17_000)}"}`;

/** One request for each status that the API can answer with, by the name of the route. */
const CASES: [status: number, line: string, headers?: string[], body?: string][] = [
  [201, 'POST /api/users', [JSON_TYPE], '{"email":"bob@example.com","password":"otter parade 41"}'],
  [200, 'POST /api/token', [JSON_TYPE], '{"email":"alice@example.com","password":"PASSWORD"}'],
  [200, 'GET /api/users/me', ['Authorization: Bearer ACCESS']],
  [200, 'HEAD /api/users/me', ['Authorization: Bearer ACCESS']],
  [200, 'POST /api/token/verify', [JSON_TYPE], '{"token":"ACCESS"}'],
  [200, 'POST /api/token/refresh', [JSON_TYPE], '{"refresh":"REFRESH"}'],
  [200, 'OPTIONS /api/token'],
  [200, 'GET /api/openapi.json'],
  [200, 'GET /healthz'],
  [200, 'GET /readyz'],
  [400, 'POST /api/token', [JSON_TYPE], '{'],
  [400, 'POST /api/token', [JSON_TYPE], '{}'],
  [400, 'GET http://other.test/healthz'],
  [400, 'GET /healthz', ['Host: other.test']],
  [401, 'POST /api/token', [JSON_TYPE], '{"email":"alice@example.com","password":"wrong"}'],
  [401, 'POST /api/token/verify', [JSON_TYPE], '{"token":"x"}'],
  [401, 'GET /api/users/me'],
  [404, 'GET /api/nothing'],
  [404, 'GET /%zz'],
  [404, 'GET /docs/static/nothing'],
  [404, 'GET /docs/static/../../package.json'],
  [405, 'DELETE /api/token'],
  [406, 'POST /api/token', ['Accept: text/html']],
  [413, 'POST /api/token/verify', [JSON_TYPE], BIG],
  [413, 'POST /api/nothing', [JSON_TYPE], BIG],
  [415, 'POST /api/token', ['Content-Type: text/plain'], 'x'],
  [417, 'POST /api/token', ['Expect: x'], ''],
  [431, 'GET /healthz', [`X: ${'x'.repeat(17_000)}`]],
  [431, 'GET /healthz', Array.from({ length: 101 }, (_, i) => `X-${i}: 1`)],
];

function assertHeaders(name: string, { headers }: Reply): void {
  assert.equal(headers.get('content-type'), 'application/json', name);
  assert.equal(headers.get('cache-control'), 'no-store', name);
  assert.equal(headers.get('x-content-type-options'), 'nosniff', name);
  for (const absent of ['server', 'x-powered-by', 'access-control-allow-origin', 'set-cookie'])
    assert.equal(headers.get(absent), undefined, `${name}: ${absent}`);
}

async function startWithPair(t: Parameters<typeof startService>[0]) {
  const service = await startService(t);
  await service.register('alice@example.com', 'otter parade 41');
  const { body: pair } = await service.login('alice@example.com', 'otter parade 41');
  const fill = (text: string) =>
    text
      .replace('PASSWORD', 'otter parade 41')
      .replace('ACCESS', pair.access)
      .replace('REFRESH', pair.refresh);
  return { service, fill };
}

test('HC01 HC04 every response is JSON, forbids storing and sniffing, and does not name the software', async (t) => {
  const { service, fill } = await startWithPair(t);
  for (const [status, line, headers = [], body] of CASES) {
    const closing = ['Connection: close', ...headers.map(fill)];
    const bytes = request(line, closing, body === undefined ? body : fill(body));
    // The body that HEAD announces and does not send must not be waited for.
    const text = line.startsWith('HEAD')
      ? await headOf(service, fill)
      : await single(service.port, bytes);
    assert.equal(text.status, status, `${line}: ${text.text}`);
    assertHeaders(`${status} ${line}`, text);
    if (!line.startsWith('HEAD')) assert.doesNotThrow(() => JSON.parse(text.text), line);
  }
});

async function headOf({ send }: Service, fill: (text: string) => string): Promise<Reply> {
  const headers = { authorization: fill('Bearer ACCESS') };
  const answer = await send('/api/users/me', { method: 'HEAD', headers });
  assert.equal(answer.text, '');
  return { status: answer.status, headers: new Map(answer.headers), text: '' };
}

test('HC04 behind a TLS proxy every response has Strict-Transport-Security', async (t) => {
  const { service, fill } = await startWithPair(t);
  const header = 'strict-transport-security';
  for (const [, line, headers = [], body] of CASES) {
    if (line.startsWith('HEAD')) continue;
    for (const [proto, expected] of [
      ['https', 'max-age=31536000'],
      ['http', undefined],
    ] as const) {
      const more = ['Connection: close', `X-Forwarded-Proto: ${proto}`, ...headers.map(fill)];
      const bytes = request(line, more, body === undefined ? body : fill(body));
      const reply = await single(service.port, bytes);
      if (reply.headers.has('x-request-id'))
        assert.equal(reply.headers.get(header), expected, `${line}: ${reply.status}`);
    }
  }
});

test('HC01 503 and 500 responses have the same headers', async (t) => {
  const { service, fill } = await startWithPair(t);
  const me = request('GET /api/users/me', [
    'Connection: close',
    fill('Authorization: Bearer ACCESS'),
  ]);
  const users = service.database.db.updateTable('users');
  await users.set({ created_at: (2n ** 60n) as never }).execute();
  const failed = await single(service.port, me);
  assert.equal(failed.status, 500);
  assertHeaders('500', failed);
  assert.deepEqual(JSON.parse(failed.text), {
    detail: 'Internal server error.',
    request_id: failed.headers.get('x-request-id'),
  });
});

test('HC04 the API page runs nothing but its own files', async (t) => {
  const { send } = await startService(t);
  for (const path of ['/docs', '/docs/static/swagger-ui.css', '/docs/static/index.css']) {
    const { status, headers } = await send(path);
    assert.equal(status, 200, path);
    assert.equal(headers.get('x-content-type-options'), 'nosniff', path);
    const policy = headers.get('content-security-policy') ?? '';
    for (const rule of ["default-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"])
      assert.ok(policy.includes(rule), `${path}: ${policy}`);
    assert.doesNotMatch(policy, /script-src[^;]*unsafe|https?:/);
  }
});

test('a redirect stays on our own path, whatever the Host header', async (t) => {
  const service = await startService(t);
  for (const path of ['/', '//', '/?next=https://evil.test']) {
    const headers = ['Connection: close', 'X-Forwarded-Host: evil.test'];
    const reply = await single(
      service.port,
      request(`GET ${path}`, headers).replace('gatepass.test', 'evil.test'),
    );
    assert.equal(reply.headers.get('location'), path === '//' ? '/docs' : 'docs', path);
  }
});

test('HC07 a client’s request id is used only if it is safe in a log line', async (t) => {
  const service = await startService(t);
  const harmless = ['abc-123', 'a.b:c_d', 'x'.repeat(64)];
  const harmful = [
    ...['<script>', 'a b', '{"level":"fatal"}', '"', 'x'.repeat(65), 'x'.repeat(8000), 'é', '%0a'],
    ...['\u001b[2J', 'a,b', '$'.concat('{jndi:ldap://x}'), '', '\\n{"msg":"forged"}'],
  ];
  for (const id of [...harmless, ...harmful]) {
    service.log.length = 0;
    const bytes = request('OPTIONS /api/token', [`X-Request-Id: ${id}`, 'Connection: close']);
    const [reply] = await converse(service.port, bytes);
    const answered = reply?.headers.get('x-request-id') ?? '';
    if (reply?.status === 200) {
      assert.match(answered, /^[\w.:-]{1,64}$/);
      assert.equal(answered === id, harmless.includes(id), id);
      assert.equal(service.log.length, 1);
      const line = JSON.parse(service.log[0] ?? '');
      assert.equal(line.request_id, answered);
      assert.equal(service.log[0]?.trimEnd().includes('\n'), false);
    } else assert.equal(reply?.status, 400, `refused by the parser: ${id}`);
  }
});

test('HC07 line breaks in headers cannot inject headers, responses or log lines', async (t) => {
  const service = await startService(t);
  for (const value of ['a\nb: c', 'a\rb', 'a\r\n b', 'a\0b']) {
    service.log.length = 0;
    const bytes = request('GET /healthz', [`X-Request-Id: ${value}`]) + LAST;
    const reply = await single(service.port, bytes);
    assert.equal(reply.status, 400, JSON.stringify(value));
    assert.ok(!service.log.join('').includes('b: c'));
  }
});

test('the values of a request are not echoed as HTML or as headers', async (t) => {
  const service = await startService(t);
  const headers = ['Content-Type: text/<b>"x";a=\u00e9', 'Connection: close'];
  const reply = await single(service.port, request('POST /api/token', headers, 'x'));
  assert.equal(reply.status, 415);
  assert.equal(reply.headers.get('content-type'), 'application/json');
  assert.match(JSON.parse(reply.text).detail, /^Unsupported media type "text\/<b>/);
  const path = await single(service.port, request('GET /<script>%0d%0aX:y', ['Connection: close']));
  assert.equal(path.status, 404);
  assert.equal(path.text, '{"detail":"Not found."}');
});
