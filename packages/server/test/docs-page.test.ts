/** `/docs`: files that a browser keeps, compressed once; and a switch that leaves nothing of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { request, single } from './security/support/raw.ts';
import { startProcess, workDirectory } from './support/process.ts';
import { startService } from './support/service.ts';

const linksOf = (html: string) =>
  [...html.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, link = '']) => link);

test('the URL of every file has a hash of its content, so it may be cached for good', async (t) => {
  const { send, url } = await startService(t);
  const page = await send('/docs');
  assert.equal(page.headers.get('cache-control'), 'no-store');
  assert.match(page.text, /<meta name="viewport"/);
  const links = linksOf(page.text);
  assert.equal(links.length, 5);
  for (const link of links) {
    assert.match(link, /^docs\/static\/[\w.-]+\?v=[\w-]{16}$/);
    const { status, headers } = await send(new URL(link, `${url}/docs`).pathname);
    assert.equal(status, 200, link);
    assert.equal(headers.get('cache-control'), 'public, max-age=31536000, immutable');
    assert.equal(headers.get('vary'), 'Accept-Encoding');
    assert.match(headers.get('content-type') ?? '', /^(?:text\/(?:css|javascript)|image\/png)/);
  }
  const folder = linksOf((await send('/docs/?x=1')).text);
  assert.deepEqual(
    folder.map((link) => `docs/${link}`),
    links,
  );
});

test('a file is compressed only for a client that accepts gzip', async (t) => {
  const { port } = await startService(t);
  const get = (encoding: string) =>
    single(
      port,
      request('GET /docs/static/index.js', [`Accept-Encoding: ${encoding}`, 'Connection: close']),
    );
  const plain = await get('identity');
  assert.match(plain.text, /SwaggerUIBundle/);
  for (const encoding of ['', 'br', 'gzip;q=0', 'identity, gzip;q=0.0', 'xgzip'])
    assert.equal((await get(encoding)).headers.get('content-encoding'), undefined, encoding);
  for (const encoding of ['gzip', 'GZIP, br', 'br;q=1, gzip;q=0.1', '*']) {
    const reply = await get(encoding);
    assert.equal(reply.headers.get('content-encoding'), 'gzip', encoding);
    assert.ok(Number(reply.headers.get('content-length')) < plain.text.length);
  }
  const bundle = await fetch(`http://127.0.0.1:${port}/docs/static/swagger-ui-bundle.js`);
  assert.ok(Number(bundle.headers.get('content-length')) < 600_000);
  assert.ok((await bundle.text()).length > 1_500_000);
});

test('the document is correct under every prefix', async (t) => {
  const { send } = await startService(t);
  const { body } = await send('/api/openapi.json');
  assert.deepEqual(body.servers, [{ url: '..' }]);
  assert.equal((await send('/')).headers.get('location'), 'docs');
});

test('GATEPASS_DOCS=off removes the page and the document', async (t) => {
  const { send } = await startService(t, { GATEPASS_DOCS: 'off' });
  for (const path of ['/', '/docs', '/docs/', '/docs/static/index.js', '/api/openapi.json'])
    assert.equal((await send(path)).status, 404, path);
  assert.equal((await send('/healthz')).status, 200);
  const server = await startProcess(t, await workDirectory(t), { GATEPASS_DOCS: 'off' });
  assert.ok(!server.log.some((line) => line.includes('/docs')));
});
