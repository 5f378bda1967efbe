/** SECURITY.md, HC02: pages of listed origins may call, of others not, and nobody with credentials. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigError, readConfig } from '../../src/config/config.ts';
import { startService } from '../support/service.ts';

const LISTED = { GATEPASS_CORS_ORIGINS: 'https://good.com, http://localhost:5173' };
const PREFLIGHT = { 'access-control-request-method': 'POST' };
const paths = ['/api/users/me', '/api/token', '/api/nothing', '/healthz', '/api/revocations'];

for (const origin of ['https://good.com', 'http://localhost:5173']) {
  test(`HC02 ${origin} is listed: preflight 204 everywhere, and answers it may read`, async (t) => {
    const { send } = await startService(t, LISTED);
    for (const path of paths) {
      const asked = await send(path, { method: 'OPTIONS', headers: { origin, ...PREFLIGHT } });
      assert.equal(asked.status, 204, path);
      assert.equal(asked.headers.get('access-control-allow-origin'), origin, path);
      assert.match(asked.headers.get('access-control-allow-headers') ?? '', /Authorization/);
      const { headers } = await send(path, { headers: { origin } });
      assert.equal(headers.get('access-control-allow-origin'), origin, path);
      assert.match(headers.get('access-control-expose-headers') ?? '', /Retry-After.*X-Request-Id/);
      assert.equal(headers.get('vary'), 'Origin', path);
      assert.equal(headers.get('access-control-allow-credentials'), null, path);
    }
  });
}

test('HC02 the event stream of a listed origin can be read too', async (t) => {
  const { url } = await startService(t, LISTED);
  const gone = new AbortController();
  const headers = { origin: 'https://good.com' };
  const path = `${url}/api/revocations/stream`;
  const stream = await fetch(path, { headers, signal: gone.signal });
  assert.equal(stream.headers.get('access-control-allow-origin'), 'https://good.com');
  assert.equal(stream.headers.get('content-type'), 'text/event-stream');
  assert.equal(stream.headers.get('cache-control'), 'no-store');
  gone.abort();
});

const strangers = [
  ...['https://evil', 'null', 'https://good.com.evil', 'https://evilgood.com', '*', ''],
  ...['http://good.com', 'https://good.com:8443', 'https://GOOD.com', 'https://good.com/'],
];

test('HC02 no other origin is reflected, however alike', async (t) => {
  const { send } = await startService(t, LISTED);
  for (const origin of strangers) {
    for (const path of paths) {
      const asked = await send(path, { method: 'OPTIONS', headers: { origin, ...PREFLIGHT } });
      const answered = await send(path, { headers: { origin } });
      for (const { headers } of [asked, answered]) {
        const names = [...headers.keys()].filter((name) => name.startsWith('access-control-'));
        assert.deepEqual(names, [], `${origin} ${path}`);
        assert.equal(headers.get('vary'), 'Origin');
      }
    }
  }
});

test('HC02 without a list there is no CORS at all', async (t) => {
  const { send } = await startService(t);
  const { headers } = await send('/api/token', { headers: { origin: 'https://good.com' } });
  assert.deepEqual(
    [...headers.keys()].filter((name) => /^access-control-|^vary$/.test(name)),
    [],
  );
});

test('what is no origin cannot be listed', () => {
  const wrong = ['*', 'null', 'good.com', 'https://good.com/', 'https://good.com:443', 'HTTPS://x'];
  for (const text of [...wrong, 'https://*.good.com', 'file:///x', 'https://a.com,,'])
    assert.throws(() => readConfig({ GATEPASS_CORS_ORIGINS: text }), ConfigError, text);
});
