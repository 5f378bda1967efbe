/** A path has one spelling: nothing that a proxy's rule cannot see is understood behind it. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { startService } from '../support/service.ts';
import { request, single } from './support/raw.ts';

async function startWithToken(t: TestContext) {
  const { port, send, register, login } = await startService(t);
  await register();
  const { body: pair } = await login();
  const headers = [`Authorization: Bearer ${pair.access}`, 'Connection: close'];
  const me = (path: string) => single(port, request(`GET ${path}`, headers));
  return { send, pair, me };
}

test('a percent-encoded letter, digit or -._~ makes another path', async (t) => {
  const { me, send } = await startWithToken(t);
  const encoded = [
    ...[
      '/%61pi/revocations',
      '/api/revocation%73',
      '/api/%72evocations/stream',
      '/%41pi/revocations',
    ],
    ...[
      '/%64ocs',
      '/%68ealthz',
      '/readyz%2e',
      '/api/%73essions',
      '/api/session%73/',
      '/%2e/readyz',
    ],
    ...['/api/sessions/%5f', '/api/sessions/%7E', '/api/sessions/%2D', '/api/openapi%2Ejson'],
    ...[
      '/api/token/%2e%2e/revocations',
      '/%2Ewell-known/jwks.json',
      '/api%2Ftoken/%76erify',
      '/%2E%zz',
    ],
    ...['/%61ccount/forgot', '/api/users/%2e%2e/%2e%2e/docs', '/api/tokens/%61'],
  ];
  for (const path of encoded) {
    const reply = await me(path);
    assert.equal(reply.status, 404, `${path}: ${reply.text}`);
    assert.equal(reply.text, '{"detail":"Not found."}', path);
  }
  // In a query it is a matter of the field, and SimpleJWT's own paths are read as Django reads them.
  for (const path of ['/api/users/me?%61=%62', '/%61pi/users/%6de', '/api/user%73/me/'])
    assert.equal((await me(path)).status, 200, path);
  assert.equal((await send('/api/%74oken/verify', { method: 'POST' })).status, 400);
});

test('an overlong path parameter is an ordinary 404', async (t) => {
  const { send, pair } = await startWithToken(t);
  const headers = { authorization: `Bearer ${pair.access}` };
  for (const length of [100, 101, 5000]) {
    const path = `/api/sessions/${'a'.repeat(length)}`;
    const { status, text } = await send(path, { method: 'DELETE', headers });
    assert.equal(status, 404, text);
    assert.equal(text, '{"detail":"Not found."}');
  }
});
