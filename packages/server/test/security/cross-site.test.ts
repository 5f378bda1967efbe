/**
 * docs/security-cases.md, AB06: routes that take credentials refuse pages of other sites before
 * anything is counted. How real browsers fill the headers: test/browser/cross-site.test.ts.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PASSWORD, type Service, startService } from '../support/service.ts';

const LISTED = {
  GATEPASS_CORS_ORIGINS:
    'https://app.example.com,capacitor://localhost,https://*.preview.example.com',
};
const FORM = 'application/x-www-form-urlencoded';
type Headers = Record<string, string>;

/** Requests of pages, by what a browser says of them. */
const FOREIGN: Headers[] = [
  { origin: 'https://evil.test', 'sec-fetch-site': 'cross-site' },
  { origin: 'https://evil.test' },
  { 'sec-fetch-site': 'cross-site' },
  { origin: 'null', 'sec-fetch-site': 'cross-site' },
  { origin: 'null' },
  { origin: 'https://other.example.com', 'sec-fetch-site': 'same-site' },
  { origin: 'chrome-extension://abcdefghijklmnopabcdefghijklmnop', 'sec-fetch-site': 'none' },
  { origin: 'https://app.example.com.evil.test' },
  { origin: 'http://app.example.com' },
  { origin: 'https://a.b.preview.example.com' },
  { origin: 'https://gatepass.test, https://evil.test' },
  { origin: 'https://gatepass.test', 'sec-fetch-site': 'cross-site' },
  { origin: 'https://gatepass.test:8443' },
  { origin: '' },
];
/** The same for those that may: `Host` is gatepass.test. */
const WELCOME: Headers[] = [
  {},
  { 'sec-fetch-site': 'none' },
  { 'sec-fetch-mode': 'cors' },
  { origin: 'https://app.example.com', 'sec-fetch-site': 'cross-site' },
  { origin: 'https://app.example.com', 'sec-fetch-site': 'same-site' },
  { origin: 'https://pr-1.preview.example.com', 'sec-fetch-site': 'cross-site' },
  { origin: 'capacitor://localhost' },
  { origin: 'https://gatepass.test' },
  { origin: 'http://gatepass.test' },
  { origin: 'https://gatepass.test', 'sec-fetch-site': 'same-origin' },
  { origin: 'http://localhost:5173', 'sec-fetch-site': 'same-origin' },
  { origin: 'null', 'sec-fetch-site': 'same-origin' },
  { origin: 'https://id.example.com', 'x-forwarded-host': 'id.example.com' },
  { origin: 'https://id.example.com', 'x-forwarded-host': 'id.example.com:443, inner.test' },
];

const rowsOf = async ({ database: { db } }: Service) => ({
  users: (await db.selectFrom('users').select('id').execute()).length,
  counts: (await db.selectFrom('throttle_counts').selectAll().execute()).length,
});

/** As `fetch` sends it, but for the `Host`, which `fetch` does not let anybody set. */
async function send({ port }: Service, path: string, headers: Headers, body: string) {
  const { request } = await import('node:http');
  return new Promise<{ status: number; text: string }>((resolve, reject) => {
    const call = request(
      {
        port,
        path,
        method: 'POST',
        headers: { host: 'gatepass.test', 'content-type': FORM, ...headers },
      },
      async (response) => {
        let text = '';
        for await (const chunk of response) text += chunk;
        resolve({ status: response.statusCode ?? 0, text });
      },
    );
    call.on('error', reject).end(body);
  });
}

const credentials = (email: string, password = PASSWORD) =>
  new URLSearchParams({ email, password }).toString();

test('AB06 a page of another site neither counts nor creates anything', async (t) => {
  const service = await startService(t, { ...LISTED, GATEPASS_RATE_LIMITS: 'on' });
  await service.register();
  const before = await rowsOf(service);
  for (const [i, headers] of FOREIGN.entries())
    for (const [path, body] of [
      ['/api/token', credentials('alice@example.com', 'wrong')],
      ['/api/users/', credentials(`new${i}@example.com`)],
    ] as const) {
      const { status, text } = await send(service, path, headers, body);
      assert.equal(status, 403, `${path} ${JSON.stringify(headers)}: ${text}`);
      assert.deepEqual(JSON.parse(text), {
        detail: 'Requests from pages of other sites are not accepted.',
        code: 'cross_site_request',
      });
    }
  const russian = await send(service, '/api/token', { ...FOREIGN[0], 'accept-language': 'ru' }, '');
  assert.match(russian.text, /Запросы со страниц других сайтов не принимаются/);
  assert.deepEqual(await rowsOf(service), before);
  assert.equal((await service.login()).status, 200);
});

test('AB06 programs, own pages, listed pages and pages behind a TLS proxy log in', async (t) => {
  const service = await startService(t, LISTED);
  await service.register();
  for (const headers of WELCOME) {
    const answer = await send(service, '/api/token', headers, credentials('alice@example.com'));
    assert.equal(answer.status, 200, `${JSON.stringify(headers)}: ${answer.text}`);
  }
});

test('AB06 the public URL counts as our own origin, whatever Host a proxy sends', async (t) => {
  const service = await startService(t, { GATEPASS_PUBLIC_URL: 'https://id.example.com/auth' });
  await service.register();
  const login = (origin: string) =>
    send(service, '/api/token', { origin }, credentials('alice@example.com'));
  assert.equal((await login('https://id.example.com')).status, 200);
  for (const origin of [
    'http://id.example.com',
    'https://id.example.com:8443',
    'https://example.com',
  ])
    assert.equal((await login(origin)).status, 403, origin);
});

test('AB06 routes that only take a token are left to CORS', async (t) => {
  const service = await startService(t);
  await service.register();
  const { refresh } = (await service.login()).body;
  const headers = { origin: 'https://evil.test', 'sec-fetch-site': 'cross-site' };
  const ask = (path: string, body: object) => service.post(`/api/token/${path}`, body, headers);
  for (const [path, body] of Object.entries({
    verify: { token: refresh },
    refresh: { refresh },
    blacklist: { refresh },
  })) {
    const { status, headers: answered } = await ask(path, body);
    assert.equal(status, 200, path);
    assert.equal(answered.get('access-control-allow-origin'), null, 'and the page reads nothing');
  }
});
