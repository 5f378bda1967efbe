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

test('a letter, digit or -._~ that is percent-encoded in a path is another path', async (t) => {
  const { me } = await startWithToken(t);
  const encoded = [
    ...[
      '/%61pi/users/me',
      '/api/user%73/me',
      '/api/users/%6d%65',
      '/%41pi/users/me',
      '/api%2Fusers/me',
    ],
    ...[
      '/api/%2e/users/me',
      '/%2E%2e/api/users/me',
      '/api/revocation%73',
      '/%64ocs',
      '/api/%75sers',
    ],
    ...[
      '/api/sessions/%5f',
      '/api/sessions/%7E',
      '/api/sessions/%2D',
      '/%68ealthz',
      '/api/users/m%65/',
    ],
  ];
  for (const path of encoded) {
    const reply = await me(path);
    assert.equal(reply.status, 404, `${path}: ${reply.text}`);
    assert.equal(reply.text, '{"detail":"Not found."}', path);
  }
  // In a query it is a matter of the field.
  assert.equal((await me('/api/users/me?%61=%62')).status, 200);
});

test('a parameter of any length is only not there', async (t) => {
  const { send, pair } = await startWithToken(t);
  const headers = { authorization: `Bearer ${pair.access}` };
  for (const length of [100, 101, 5000]) {
    const path = `/api/sessions/${'a'.repeat(length)}`;
    const { status, text } = await send(path, { method: 'DELETE', headers });
    assert.equal(status, 404, text);
    assert.equal(text, '{"detail":"Not found."}');
  }
});
