/** A gateway with introspection (RFC 7662): the example's Apache with mod_oauth2 and an API key. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { keyHash, newKey } from '../../packages/server/src/api-keys/key-text.ts';
import type { Scope } from '../../packages/server/src/api-keys/scope.ts';
import { createApiKeyStore } from '../../packages/server/src/api-keys/store.ts';
import { type Addressed, startAddressed } from './support/addressed.ts';
import { expectMe } from './support/page.ts';
import { copyOf, freePort, listen, start } from './support/programs.ts';
import { NO_APACHE } from './support/proxies.ts';
import { api, ask } from './support/story.ts';

async function keyWith({ database }: Addressed, scope: Scope): Promise<string> {
  const { id, text } = newKey();
  const createdAt = Date.now();
  await database.transaction((tx) =>
    createApiKeyStore(database).insert(tx, {
      ...{ id, name: 'Apache', scopes: [scope], hash: keyHash(text) },
      ...{ createdAt, createdBy: 'operator', expiresAt: createdAt + 3_600_000 },
    }),
  );
  return text;
}

/** Apache with this key, before an API. @returns its port */
async function startApache(t: TestContext, { url }: Addressed, key: string): Promise<number> {
  const port = await freePort();
  const cwd = copyOf(t, 'apache', 'introspect.conf', {
    '127.0.0.1:8000': new URL(url).host,
    '127.0.0.1:8080': `127.0.0.1:${port}`,
    '127.0.0.1:9000': `127.0.0.1:${await listen(t, api)}`,
  });
  const args = ['-X', '-d', cwd, '-f', 'introspect.conf'];
  await start(t, port, { program: 'apache2', args, cwd, env: { INTROSPECTION_KEY: key } });
  return port;
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

test('Apache with mod_oauth2 asks about each token, also with HS256, and honours a logout at once', {
  skip: NO_APACHE,
}, async (t) => {
  const gatepass = await startAddressed(t, 'HS256');
  const port = await startApache(t, gatepass, await keyWith(gatepass, 'introspect'));
  const token = bearer(gatepass.good.now);
  await expectMe(port, gatepass);
  const named = JSON.parse((await ask(port, token)).text);
  assert.deepEqual([named.user, typeof named.session, named.named], ['1', 'string', 2]);
  assert.equal((await ask(port, { ...token, 'X-Gatepass-User-Id': '999' })).status, 400);
  await fetch(`${gatepass.url}/api/token/blacklist`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ refresh: gatepass.refresh }),
  });
  assert.equal((await ask(port, token)).status, 401, 'a token of an ended session');
});

test('Apache with a wrong API key, or one without the scope, refuses every token', {
  skip: NO_APACHE,
}, async (t) => {
  const gatepass = await startAddressed(t, 'HS256');
  for (const key of [newKey().text, await keyWith(gatepass, 'users:read')]) {
    const port = await startApache(t, gatepass, key);
    for (const token of [gatepass.good.now, ...Object.values(gatepass.bad)])
      assert.equal((await ask(port, bearer(token))).status, 401);
  }
});
