/** An unrequested attestation is dropped unread, because the client controls everything in it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startService } from '../support/service.ts';
import { attested } from './support/attestation.ts';
import { createAuthenticator } from './support/authenticator.ts';
import { ask, type Pair } from './support/holder.ts';
import { SITE, WITH_SITE } from './support/key-holder.ts';

const LIST = 'http://127.0.0.1:9/latest/meta-data';

test('a passkey with any attestation is added without reading its certificates', async (t) => {
  const service = await startService(t, WITH_SITE);
  await service.register();
  const { access }: Pair = (await service.login()).body;
  const fetched: string[] = [];
  const { fetch } = globalThis;
  t.mock.method(globalThis, 'fetch', (...[input, init]: Parameters<typeof fetch>) => {
    if (String(input).startsWith(service.url)) return fetch(input, init);
    fetched.push(String(input));
    throw new TypeError('not allowed');
  });
  for (const fmt of [
    ...['android-key', 'android-safetynet', 'apple', 'fido-u2f', 'packed', 'tpm'],
    ...['none', 'compound', 'unheard-of'],
  ]) {
    const { challenge, public_key } = (
      await ask(service, 'POST', 'factors/passkeys/options', access)
    ).body;
    const key = createAuthenticator(SITE);
    const credential = key.create(public_key, { attestation: attested(fmt, LIST) });
    const added = await ask(service, 'POST', 'factors/passkeys', access, { challenge, credential });
    assert.deepEqual(fetched, [], fmt);
    assert.equal(added.status, 201, `${fmt}: ${added.text}`);
    const asked = (await service.post('/api/token/passkey/options', {})).body;
    const shown = { challenge: asked.challenge, credential: key.get(asked.public_key) };
    assert.equal((await service.post('/api/token/passkey', shown)).status, 200, fmt);
  }
});
