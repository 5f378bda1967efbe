/** docs/security-cases.md, group HP: methods, paths, credentials in odd places, and changes of protocol. */
import assert from 'node:assert/strict';
import { METHODS } from 'node:http';
import { test } from 'node:test';
import { PASSWORD, startService } from '../support/service.ts';
import { converse, LAST, request, single } from './support/raw.ts';

const CLOSE = 'Connection: close';
const JSON_TYPE = 'Content-Type: application/json';

async function startWithToken(t: Parameters<typeof startService>[0]) {
  const service = await startService(t);
  await service.register();
  const { body: pair } = await service.login();
  const me = (headers: string[], path = '/api/users/me') =>
    single(service.port, request(`GET ${path}`, [...headers, CLOSE]));
  return { service, pair, me };
}

test('HP14 a Bearer token is accepted only in a single Authorization header', async (t) => {
  const { service, pair, me } = await startWithToken(t);
  const { access } = pair;
  for (const scheme of ['Bearer', 'bearer', 'BEARER'])
    assert.equal((await me([`Authorization: ${scheme} ${access}`])).status, 200, scheme);
  const good = `Authorization: Bearer ${access}`;
  for (const headers of [
    [good, good],
    [good, 'Authorization: Bearer x'],
    ['authorization: x', good],
  ])
    assert.equal((await me(headers)).status, 400);
  const odd = ['Bearer', 'Bearer ', 'Basic eDp5', access, `Bearer ${access} x`, `Bearer,${access}`];
  for (const value of [
    ...odd,
    `Bearer: ${access}`,
    `Bearer=${access}`,
    `JWT ${access}`,
    `"Bearer ${access}"`,
  ])
    assert.equal((await me([`Authorization: ${value}`])).status, 401, value);
  const elsewhere = ['X-Authorization', 'Proxy-Authorization', 'X-Forwarded-Authorization'];
  for (const name of elsewhere) assert.equal((await me([`${name}: Bearer ${access}`])).status, 401);
  assert.equal(
    (await me([`Cookie: access=${access}; Authorization=Bearer ${access}`])).status,
    401,
  );
  for (const query of ['access_token', 'token', 'authorization'])
    assert.equal((await me([], `/api/users/me?${query}=${access}`)).status, 401);
  const trailer = `0\r\nAuthorization: Bearer ${access}\r\n\r\n`;
  const [reply] = await converse(
    service.port,
    request('GET /api/users/me', ['Transfer-Encoding: chunked', CLOSE]) + trailer,
  );
  assert.equal(reply?.status, 401);
});

test('every other method is 405 with Allow, whatever its body', async (t) => {
  const { service, pair } = await startWithToken(t);
  const authorization = `Authorization: Bearer ${pair.access}`;
  for (const path of ['/api/users', '/api/token', '/api/token/verify/', '/api/users/me']) {
    const options = await single(service.port, request(`OPTIONS ${path}`, [authorization, CLOSE]));
    assert.equal(options.status, 200);
    const allow = options.headers.get('allow') ?? '';
    const offers = {
      '/api/users/me': /^GET, DELETE, HEAD, OPTIONS$/,
      '/api/token/verify/': /^GET, POST, HEAD, OPTIONS$/,
    };
    assert.match(allow, offers[path as keyof typeof offers] ?? /^POST, OPTIONS$/);
    const others = METHODS.filter(
      (name) => !allow.includes(name) && !['CONNECT', 'HEAD'].includes(name),
    );
    for (const method of others) {
      const override = 'X-HTTP-Method-Override: GET';
      const headers = [authorization, JSON_TYPE, CLOSE, override];
      const reply = await single(service.port, request(`${method} ${path}`, headers, '{}'));
      assert.equal(reply.status, 405, `${method} ${path}`);
      assert.equal(reply.headers.get('allow'), allow, `${method} ${path}`);
      assert.deepEqual(JSON.parse(reply.text), { detail: `Method "${method}" not allowed.` });
    }
  }
  assert.equal((await single(service.port, request('OPTIONS *', [CLOSE]))).status, 404);
});

test('HEAD has the headers of GET and no body, and the next response is correct', async (t) => {
  const service = await startService(t);
  for (const path of ['/healthz', '/api/users/me', '/api/token', '/nothing', '/docs']) {
    const head = await service.send(path, { method: 'HEAD' });
    const get = await service.send(path);
    assert.equal(head.status, get.status, path);
    assert.equal(head.text, '', path);
    assert.equal(head.headers.get('content-type'), get.headers.get('content-type'), path);
  }
});

test('a path has one spelling, and no path leads out of the API page', async (t) => {
  const { me, pair } = await startWithToken(t);
  const authorization = `Authorization: Bearer ${pair.access}`;
  for (const path of ['/api/users/me', '/api/users/me/', '/api/users/me?x', '/api/users/me/?x=1'])
    assert.equal((await me([authorization], path)).status, 200, path);
  const paths = [
    ...[
      '/API/users/me',
      '//api/users/me',
      '/api//users/me',
      '/api/./users/me',
      '/api/x/../users/me',
    ],
    ...[
      '/api%2fusers%2fme',
      '/api/users/me%00',
      '/api/users/me%20',
      '/api/users/me;x=1',
      '/api/users/me//',
    ],
    ...[
      '/api/users/me/..',
      '/api\\users\\me',
      '/api/users/%zz',
      '/%',
      '/%c0%80',
      '/%ff',
      '/*',
      '/__proto__',
    ],
    ...[
      '/docs/static/../../../package.json',
      '/docs/static/..%2f..%2f..%2fpackage.json',
      '/docs/static/',
    ],
    ...[
      '/docs/static/%2e%2e/%2e%2e/package.json',
      '/docs/static/..%5c..%5cpackage.json',
      '/docs/static/.git',
    ],
    ...[
      '/docs/static//etc/passwd',
      '/docs/static/%2fetc%2fpasswd',
      '/docs/static/%00',
      '/docs/static/a%00.css',
    ],
    ...[
      `/docs/static/${'a'.repeat(5000)}`,
      `/api/sessions/${'a'.repeat(5000)}/x`,
      '/docs/static/index.css/x',
      '/docs/static/package.json',
      '/.env',
    ],
  ];
  for (const path of paths) {
    const reply = await me([authorization], path);
    assert.equal(reply.status, 404, `${path}: ${reply.text}`);
    assert.equal(reply.text, '{"detail":"Not found."}', path);
  }
});

test('unsatisfiable conditions and ranges of the API page do not cause a 5xx', async (t) => {
  const { me } = await startWithToken(t);
  const headers = [
    'Range: bytes=99999999-',
    'If-Match: "x"',
    'Range: bytes=-0',
    'Range: bytes=9-1',
  ];
  const date = 'If-Unmodified-Since: Mon, 01 Jan 1990 00:00:00 GMT';
  for (const header of [...headers, date, 'If-None-Match: *', 'Accept-Encoding: gzip;q=x'])
    assert.ok((await me([header], '/docs/static/index.css')).status < 500, header);
});

test('HP17 a refused body gets no 100-continue, and other expectations are 417', async (t) => {
  const { port } = await startService(t);
  const verify = (headers: string[], body?: string) =>
    converse(port, request('POST /api/token/verify', [JSON_TYPE, ...headers], body));
  const statuses = (replies: { status: number }[]) => replies.map(({ status }) => status);
  const expected = await verify(['Expect: 100-continue', CLOSE], '{"token":"x"}');
  assert.deepEqual(statuses(expected), [100, 401]);
  const oversize = ['Expect: 100-continue', 'Content-Length: 1000000000'];
  assert.deepEqual(statuses(await verify(oversize)), [413]);
  const smuggled = LAST.repeat(2);
  const [unknown, ...more] = await verify(['Expect: x'], smuggled);
  assert.equal(unknown?.status, 417);
  assert.equal(unknown?.headers.get('content-type'), 'application/json');
  assert.deepEqual(more, []);
});

test('HP17 an upgrade is ignored, and the connection ends with the response', async (t) => {
  const { service, me, pair } = await startWithToken(t);
  const headers = [
    'Upgrade: websocket',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Version: 13',
  ];
  for (const protocol of ['h2c', 'websocket', 'TLS/1.0', 'x']) {
    const upgrade = ['Connection: Upgrade', `Upgrade: ${protocol}`, ...headers.slice(1)];
    const body = JSON.stringify({ email: `${protocol[0]}@example.com`, password: PASSWORD });
    const smuggled = request('POST /api/users', [JSON_TYPE], body);
    const reply = await single(service.port, request('GET /healthz', upgrade) + smuggled);
    assert.equal(reply.status, 200, protocol);
    assert.equal(reply.headers.get('connection'), 'close', protocol);
    assert.equal((await service.login(`${protocol[0]}@example.com`)).status, 401);
  }
  assert.equal((await me([`Authorization: Bearer ${pair.access}`, ...headers])).status, 200);
});

test('HTTP/1.0 and Connection: close end a connection, keep-alive keeps it', async (t) => {
  const { port } = await startService(t);
  const old = request('GET /healthz').replace('HTTP/1.1', 'HTTP/1.0');
  assert.equal((await single(port, old + LAST)).status, 200);
  assert.equal((await single(port, 'GET /healthz HTTP/1.0\r\n\r\n')).status, 200);
  const kept = request('GET /healthz', ['Connection: keep-alive']).replace('HTTP/1.1', 'HTTP/1.0');
  assert.equal((await converse(port, kept + LAST)).length, 2);
  assert.equal((await single(port, LAST + LAST)).status, 200);
  assert.equal((await converse(port, `\r\n\r\n${request('GET /healthz')}${LAST}`)).length, 2);
});
