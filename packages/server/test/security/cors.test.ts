/**
 * docs/security-cases.md, HC02: pages of listed origins may call, with credentials where listed by
 * full name; others may not.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigError, readConfig } from '../../src/config/config.ts';
import { startService } from '../support/service.ts';

const LISTED = { GATEPASS_CORS_ORIGINS: 'https://good.com, http://localhost:5173' };
const PREFLIGHT = { 'access-control-request-method': 'POST' };
const paths = ['/api/users/me', '/api/token', '/api/nothing', '/healthz', '/api/revocations'];

for (const origin of ['https://good.com', 'http://localhost:5173']) {
  test(`HC02 ${origin} is listed: preflight 204 everywhere, and responses it may read`, async (t) => {
    const { send } = await startService(t, LISTED);
    for (const path of paths) {
      const asked = await send(path, { method: 'OPTIONS', headers: { origin, ...PREFLIGHT } });
      assert.equal(asked.status, 204, path);
      assert.equal(asked.headers.get('access-control-allow-origin'), origin, path);
      assert.match(asked.headers.get('access-control-allow-headers') ?? '', /Authorization/);
      assert.equal(asked.headers.get('access-control-allow-credentials'), 'true', path);
      const { headers } = await send(path, { headers: { origin } });
      assert.equal(headers.get('access-control-allow-origin'), origin, path);
      assert.match(headers.get('access-control-expose-headers') ?? '', /Retry-After.*X-Request-Id/);
      assert.equal(headers.get('vary'), 'Origin', path);
      assert.equal(headers.get('access-control-allow-credentials'), 'true', path);
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

test('HC02 no other origin is reflected, however similar', async (t) => {
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

const APPS = [
  ...['capacitor://localhost', 'ionic://localhost', 'tauri://localhost'],
  'chrome-extension://abcdefghijklmnopabcdefghijklmnop',
  'moz-extension://0f1b6a3c-1d5c-4a53-9a5a-2d1f0d3c5b6e',
];

test('HC02 pages of apps and extensions may be listed', async (t) => {
  const { send } = await startService(t, { GATEPASS_CORS_ORIGINS: APPS.join() });
  for (const origin of APPS) {
    const asked = await send('/api/token', {
      method: 'OPTIONS',
      headers: { origin, ...PREFLIGHT },
    });
    assert.equal(asked.status, 204);
    assert.equal(asked.headers.get('access-control-allow-origin'), origin);
  }
});

test('HC02 a wildcard matches one label of a name and does not allow credentials', async (t) => {
  const listed = 'https://*.preview.example.com,http://*.localhost:3000';
  const { send } = await startService(t, { GATEPASS_CORS_ORIGINS: listed });
  const allowed = ['https://pr-12.preview.example.com', 'http://tenant.localhost:3000'];
  for (const origin of allowed) {
    const { status, headers } = await send('/api/token', {
      method: 'OPTIONS',
      headers: { origin, ...PREFLIGHT },
    });
    assert.equal(status, 204);
    assert.equal(headers.get('access-control-allow-origin'), origin);
    assert.equal(headers.get('access-control-allow-credentials'), null);
  }
  const refused = [
    ...[
      'https://preview.example.com',
      'https://.preview.example.com',
      'https://*.preview.example.com',
    ],
    ...[
      'https://a.b.preview.example.com',
      'http://a.preview.example.com',
      'https://-.preview.example.com',
    ],
    ...['https://evil.com/.preview.example.com', 'https://evil.com#.preview.example.com'],
    ...['https://a.preview.example.com.evil.com', 'https://evilpreview.example.com'],
    ...[
      'https://a.preview.example.com:8443',
      'https://a@b.preview.example.com',
      'http://a.localhost',
    ],
  ];
  for (const origin of refused) {
    const { headers } = await send('/api/token', { headers: { origin } });
    assert.equal(headers.get('access-control-allow-origin'), null, origin);
  }
});

test('a listed page may send the headers it asks for: tracing, CSRF tokens of other systems', async (t) => {
  const { send } = await startService(t, LISTED);
  const allowedFor = async (asked: string) => {
    const { status, headers } = await send('/api/token', {
      method: 'OPTIONS',
      headers: {
        origin: 'https://good.com',
        'access-control-request-method': 'POST',
        'access-control-request-headers': asked,
      },
    });
    assert.equal(status, 204);
    return (headers.get('access-control-allow-headers') ?? '').split(', ');
  };
  const ours = ['Authorization', 'Content-Type', 'X-Request-Id'];
  const names = ['baggage', 'sentry-trace', 'traceparent', 'x-csrftoken', 'x-requested-with'];
  assert.deepEqual(await allowedFor(names.join()), [...ours, ...names]);
  assert.deepEqual(await allowedFor('a b, "x", <i>, é, ,x-y'), [...ours, 'x-y']);
  assert.deepEqual(await allowedFor(''), ours);
});

test('an unlisted origin is logged once, with the name of the variable', async (t) => {
  const { send, log } = await startService(t);
  const warnings = () =>
    log.map((line) => JSON.parse(line)).filter(({ level }) => level === 40 || level === 'warn');
  const visit = (origin: string) => send('/api/token', { headers: { origin } });
  for (let i = 0; i < 3; i++) await visit('http://127.0.0.1:5173');
  assert.equal(warnings().length, 1);
  assert.equal(warnings()[0].origin, 'http://127.0.0.1:5173');
  assert.match(warnings()[0].msg, /http:\/\/127\.0\.0\.1:5173 .*GATEPASS_CORS_ORIGINS/);
  await visit('null');
  await visit('https://evil.com/<script>');
  assert.deepEqual(
    warnings().map(({ origin }) => origin),
    ['http://127.0.0.1:5173', 'null', 'malformed'],
  );
  for (let i = 0; i < 100; i++) await visit(`https://${i}.example.com`);
  assert.equal(warnings().length, 21, 'twenty origins, and that there are more');
});

test('a page of the service itself is not logged as an unlisted origin', async (t) => {
  const { send, url, log } = await startService(t);
  await send('/api/token', { headers: { origin: url } });
  await send('/api/token', {
    headers: { origin: 'https://id.example.com', 'sec-fetch-site': 'same-origin' },
  });
  assert.ok(!log.some((line) => line.includes('GATEPASS_CORS_ORIGINS')));
});

/** Entries that are no origins, and what the fault tells to write. */
const ADVICE: Readonly<Record<string, RegExp>> = {
  '*': /"\*" \(list each origin\)/,
  null: /"null" \(files and sandboxed frames have no origin/,
  'good.com': /"good\.com" \(write https:\/\/good\.com\)/,
  'localhost:5173': /\(write http:\/\/localhost:5173\)/,
  'https://good.com/': /\(write https:\/\/good\.com\)/,
  'https://good.com:443': /\(write https:\/\/good\.com\)/,
  'https://good.com/app?x#y': /\(write https:\/\/good\.com\)/,
  'HTTPS://Good.com': /\(write https:\/\/good\.com\)/,
  'https://bücher.example': /\(write https:\/\/xn--bcher-kva\.example\)/,
  'wss://good.com': /\(write https:\/\/good\.com\)/,
  "'https://good.com'x": /the schemes are http, https, capacitor/,
  'ftp://good.com': /the schemes are http, https, capacitor/,
  'file:///x': /files have no origin/,
  'https://a.com https://b.com': /separate origins with commas/,
  'https://a.com;https://b.com': /separate origins with commas/,
  'https://a.com,,': /"" \(remove the extra comma\)/,
  'https://*': /\* stands for the whole first label/,
  'https://*.com': /\* stands for the whole first label/,
  'https://x-*.good.com': /\* stands for the whole first label/,
  'https://*.*.good.com': /\* stands for the whole first label/,
  'https://*.good.com/': /\(write https:\/\/\*\.good\.com\)/,
  'capacitor://localhost/': /\(write capacitor:\/\/localhost\)/,
  'https://user:secret@good.com': /"https:\/\/…@good\.com" \(write https:\/\/good\.com\)/,
};

test('a faulty list is reported with every faulty entry and the expected form', () => {
  const faultOf = (text: string): string => {
    try {
      readConfig({ GATEPASS_CORS_ORIGINS: text });
    } catch (error) {
      if (error instanceof ConfigError) return error.faults.join('\n');
    }
    return '';
  };
  for (const [entry, advice] of Object.entries(ADVICE)) {
    const fault = faultOf(`https://fine.example,${entry}`);
    assert.match(fault, /^GATEPASS_CORS_ORIGINS lists /, entry);
    assert.match(fault, advice);
    assert.ok(!fault.includes('fine.example'), fault);
    assert.ok(!fault.includes('secret'), fault);
  }
  const both = faultOf('a.com,https://b.com/');
  assert.match(both, /"a\.com" \(write .*\), "https:\/\/b\.com\/" \(write/);
  assert.match(faultOf(Array(101).fill('https://a.com').join()), /lists more than 100/);
});
