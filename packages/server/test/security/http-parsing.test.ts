/**
 * docs/security-cases.md, group HP: requests that two readers could understand differently, byte
 * for byte.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { costOf } from '../support/cost.ts';
import { PASSWORD, startService } from '../support/service.ts';
import { converse, LAST, latin1, parseReplies, request, single } from './support/raw.ts';

const JSON_TYPE = 'Content-Type: application/json';
const BODY = '{"token":"x"}';
const CHUNKED = 'd\r\n{"token":"x"}\r\n0\r\n\r\n';
const CLOSE = 'Connection: close';

/** A good registration: the request that an attacker would smuggle. */
const smuggled = request(
  'POST /api/users',
  [JSON_TYPE],
  JSON.stringify({ email: 'smuggled@example.com', password: PASSWORD }),
);
const verify = (headers: string[], body: string) =>
  request('POST /api/token/verify', [JSON_TYPE, ...headers]) + body;

const AMBIGUOUS: Record<string, string> = {
  'CL and TE': verify(['Content-Length: 4', 'Transfer-Encoding: chunked'], '0\r\n\r\n'),
  'TE and CL': verify(['Transfer-Encoding: chunked', 'Content-Length: 4'], '0\r\n\r\n'),
  'two CLs': verify(['Content-Length: 13', 'Content-Length: 13'], BODY),
  'two different CLs': verify(['Content-Length: 13', 'Content-Length: 0'], BODY),
  'a list of CLs': verify(['Content-Length: 13, 13'], BODY),
  'CL: +13': verify(['Content-Length: +13'], BODY),
  'CL: -13': verify(['Content-Length: -13'], BODY),
  'CL: 0xd': verify(['Content-Length: 0xd'], BODY),
  'CL: 13.0': verify(['Content-Length: 13.0'], BODY),
  'CL: 1 3': verify(['Content-Length: 1 3'], BODY),
  'CL: empty': verify(['Content-Length:'], BODY),
  'CL beyond 64 bits': verify(['Content-Length: 99999999999999999999999'], BODY),
  'TE: xchunked': verify(['Transfer-Encoding: xchunked'], CHUNKED),
  'TE: identity': verify(['Transfer-Encoding: identity'], BODY),
  'TE: chunked, identity': verify(['Transfer-Encoding: chunked, identity'], CHUNKED),
  'TE: gzip, chunked': verify(['Transfer-Encoding: gzip, chunked'], CHUNKED),
  'TE: chunked twice': verify(Array(2).fill('Transfer-Encoding: chunked'), CHUNKED),
  'TE: "chunked"': verify(['Transfer-Encoding: "chunked"'], CHUNKED),
  'TE after a vertical tab': verify(['Transfer-Encoding: \x0bchunked'], CHUNKED),
  'TE folded': verify(['Transfer-Encoding:\r\n chunked'], CHUNKED),
  'TE in HTTP/1.0': verify(['Transfer-Encoding: chunked'], CHUNKED).replace('/1.1', '/1.0'),
  'a folded header': verify(['X-A: b\r\n c', 'Content-Length: 13'], BODY),
  'a space before the colon': verify(['Content-Length : 13'], BODY),
  'a space before the name': verify([' Content-Length: 13'], BODY),
  'no colon': verify(['Content-Length'], BODY),
  'a bare CR': verify(['X-A: b\rContent-Length: 13'], BODY),
  'a NUL': verify(['X-A: b\0', 'Content-Length: 13'], BODY),
  'bare LFs': verify(['Content-Length: 13'], BODY).replaceAll('\r\n', '\n'),
  'a negative chunk': verify(['Transfer-Encoding: chunked'], `-${CHUNKED}`),
  'a hexadecimal prefix': verify(['Transfer-Encoding: chunked'], `0x${CHUNKED}`),
  'a chunk beyond 64 bits': verify(['Transfer-Encoding: chunked'], `fffffffffffffffff\r\n${BODY}`),
  'a chunk without CRLF': verify(['Transfer-Encoding: chunked'], `d\n${BODY}\r\n0\r\n\r\n`),
  'a chunk longer than it says': verify(
    ['Transfer-Encoding: chunked'],
    `c\r\n${BODY}\r\n0\r\n\r\n`,
  ),
  'framing in a trailer': verify(
    ['Transfer-Encoding: chunked'],
    `d\r\n${BODY}\r\n0\r\nContent-Length: 99\r\n\r\n`,
  ),
  'two Hosts': request('GET /healthz', ['Host: gatepass.test']),
  'no Host': 'GET /healthz HTTP/1.1\r\n\r\n',
  'a Host with a path': request('GET /healthz').replace('gatepass.test', 'a/b'),
  'a Host with a space': request('GET /healthz').replace('gatepass.test', 'a b'),
  'a Host with credentials': request('GET /healthz').replace('gatepass.test', 'a@b'),
  'two Content-Types': request('POST /api/token/verify', [JSON_TYPE, JSON_TYPE], BODY),
  'an absolute target': request('GET http://other.test/healthz'),
  'a target without a slash': request('GET healthz'),
  'a tunnel': 'CONNECT other.test:443 HTTP/1.1\r\nHost: other.test:443\r\n\r\n',
  'a tunnel to a path': request('CONNECT /api/token'),
  'HTTP/0.9': 'GET /healthz\r\n\r\n',
  'HTTP/1.2': request('GET /healthz').replace('HTTP/1.1', 'HTTP/1.2'),
  'HTTP/2.0': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'a no-break space': 'GET /healthz\xa0HTTP/1.1\r\nHost: a\r\n\r\n',
  'an unknown method': request('SMUGGLE /healthz'),
  'a method in lower case': request('get /healthz'),
  TLS: '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
};

test('HP01 ambiguous requests are refused, and the bytes after them are not executed', async (t) => {
  const service = await startService(t);
  const control = await converse(service.port, smuggled.replace('smuggled', 'accepted') + LAST);
  assert.deepEqual(
    control.map(({ status }) => status),
    [201, 200],
  );
  for (const [name, bytes] of Object.entries(AMBIGUOUS)) {
    const replies = await converse(service.port, bytes + smuggled);
    assert.deepEqual(
      replies.map(({ status }) => status),
      [400],
      name,
    );
    assert.equal(replies[0]?.headers.get('connection')?.toLowerCase(), 'close', name);
    assert.match(JSON.parse(replies[0]?.text ?? '').detail, /^Malformed request: /, name);
  }
  assert.equal((await service.login('smuggled@example.com')).status, 401);
  assert.equal((await service.login('accepted@example.com')).status, 200);
});

test('bytes after a pending request do not affect its response', async (t) => {
  const service = await startService(t);
  await service.register();
  const body = JSON.stringify({ email: 'alice@example.com', password: PASSWORD });
  const login = request('POST /api/token', [JSON_TYPE], body);
  const closing = request('POST /api/token', [JSON_TYPE, CLOSE], body);
  for (const bytes of [
    `${login}\0garbage\r\n\r\n`,
    `${closing}\0garbage\r\n\r\n`,
    closing + smuggled,
    `${login}${verify(['Content-Length: x'], BODY)}`,
    `${login}CONNECT other.test:443 HTTP/1.1\r\nHost: other.test:443\r\n\r\n`,
  ]) {
    const reply = await single(service.port, bytes);
    assert.equal(reply.status, 200, bytes);
    assert.ok(JSON.parse(reply.text).access);
    assert.equal(reply.headers.get('connection')?.toLowerCase(), 'close');
  }
  const [first, second] = await converse(service.port, `${login}${LAST}\0garbage`);
  assert.deepEqual([first?.status, second?.status ?? 200], [200, 200]);
});

test('a refused but well-framed request does not affect the next one', async (t) => {
  const service = await startService(t);
  const refused: [status: number, bytes: string][] = [
    [400, request('POST /api/token/verify', [JSON_TYPE], '{')],
    [401, request('GET /api/users/me', [], BODY)],
    [404, request('POST /api/nothing', [], BODY)],
    [405, request('PUT /api/token', [], BODY)],
    [415, request('POST /api/token', ['Content-Type: text/plain'], smuggled)],
    [401, verify(['Transfer-Encoding: Chunked'], CHUNKED)],
    [401, verify(['Transfer-Encoding:\tchunked'], CHUNKED)],
    [401, verify(['Transfer-Encoding: chunked'], `d;ext="1"\r\n${BODY}\r\n0\r\n\r\n`)],
  ];
  for (const [status, bytes] of refused) {
    const replies = await converse(service.port, bytes + LAST);
    assert.deepEqual(
      replies.map((reply) => reply.status),
      [status, 200],
      bytes,
    );
  }
  assert.equal((await service.login('smuggled@example.com')).status, 401);
});

test('HP05 headers beyond the limits are 431, never dropped', async (t) => {
  const service = await startService(t);
  await service.register();
  const { body } = await service.login();
  const authorization = `Authorization: Bearer ${body.access}`;
  const filler = (count: number) => Array.from({ length: count }, (_, i) => `x${i}: 1`);
  const me = (headers: string[]) => single(service.port, request('GET /api/users/me', headers));
  assert.equal((await me([...filler(97), authorization, CLOSE])).status, 200);
  for (const headers of [filler(100), filler(2500), Array(2500).fill('x: 1')])
    assert.equal((await me([...headers, authorization])).status, 431);
  assert.equal((await me([`x: ${'a'.repeat(17_000)}`, authorization])).status, 431);
  assert.equal((await single(service.port, request(`GET /${'a'.repeat(17_000)}`))).status, 431);
});

test('HP06 headers named like the parts of an object are headers', async (t) => {
  const service = await startService(t);
  const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', '__defineGetter__'];
  const headers = names.map((name) => `${name}: 1`);
  assert.equal(
    (await single(service.port, request('GET /healthz', [...headers, CLOSE]))).status,
    200,
  );
  const twice = ['__proto__: 1', 'Authorization: Bearer a', 'Authorization: Bearer b'];
  assert.equal((await single(service.port, request('GET /api/users/me', twice))).status, 400);
});

const INFLATED = gzipSync(Buffer.alloc(1_000_000, 'x')).toString('latin1');
const DOCUMENTS: Record<string, [status: number, body: string | Buffer, headers?: string[]]> = {
  'HP07 nested arrays': [400, '['.repeat(8000) + ']'.repeat(8000)],
  'HP07 nested objects': [400, `${'{"a":'.repeat(2700)}1${'}'.repeat(2700)}`],
  'HP07 nesting in a field': [400, `{"token":${'['.repeat(8000)}${']'.repeat(8000)}}`],
  'HP08 colliding keys': [
    400,
    `{${Array.from({ length: 1000 }, (_, i) => `"${2 ** 24 * i}":1`).join(',')}}`,
  ],
  'HP09 truncated': [400, '{"token":"x"'],
  'HP09 NaN': [400, 'NaN'],
  'HP09 quotes': [400, "{'token':'x'}"],
  'HP09 a trailing comma': [400, '{"token":"x",}'],
  'HP09 two documents': [400, `${BODY}${BODY}`],
  'HP09 a comment': [400, `${BODY}//`],
  'HP09 UTF-16': [400, Buffer.from(BODY, 'utf16le')],
  'HP09 a byte order mark': [400, Buffer.from(`\ufeff${BODY}`)],
  'HP09 latin1': [400, Buffer.from('{"token":"é"}', 'latin1')],
  'HP09 overlong UTF-8': [400, Buffer.from('{"token":"\xc0\xae"}', 'latin1')],
  'HP09 a UTF-8 surrogate': [400, Buffer.from('{"token":"\xed\xa0\x80"}', 'latin1')],
  'HP11 a gzip bomb': [415, INFLATED, ['Content-Encoding: gzip']],
  'HP11 brotli': [415, BODY, ['Content-Encoding: br']],
  'HP11 two encodings': [415, BODY, ['Content-Encoding: identity, gzip']],
  'HP11 a charset': [415, BODY, ['Content-Type: application/json; charset=utf-7']],
  'HP11 two charsets': [415, BODY, ['Content-Type: application/json;charset=utf-8;charset=utf-16']],
  'HP11 an empty multipart body': [400, '--x--', ['Content-Type: multipart/form-data; boundary=x']],
};

test('HP07 HP08 HP09 HP11 odd documents are refused at no extra cost', async (t) => {
  const { port } = await startService(t);
  const send = async (body: string | Buffer, headers: string[]) => {
    const type = headers.some((header) => /^content-type/i.test(header)) ? [] : [JSON_TYPE];
    const bytes = latin1(body);
    const all = [...type, ...headers, CLOSE, `Content-Length: ${bytes.length}`];
    return single(port, Buffer.concat([latin1(request('POST /api/token/verify', all)), bytes]));
  };
  assert.equal((await send(BODY, [])).status, 401);
  const usual = await costOf(() => send(`{"token":"${'x'.repeat(15_000)}"}`, []), 4);
  for (const [name, [status, body, headers = []]] of Object.entries(DOCUMENTS)) {
    const reply = await send(body, headers);
    assert.equal(reply.status, status, `${name}: ${reply.text}`);
    assert.doesNotThrow(() => JSON.parse(reply.text));
    const cost = await costOf(() => send(body, headers), 4);
    assert.ok(cost < 10 * usual, `${name}: ${cost} ms against ${usual} ms`);
  }
  assert.equal(parseReplies(Buffer.alloc(0)).length, 0);
});
