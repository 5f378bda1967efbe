/** `POST /api/session/passkey`: the refresh token of a passkey login is in the cookie and nowhere else. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attributesOf, PAGE, sessionOf, setCookieOf } from '../cookie/support/page.ts';
import { claimsOf } from '../support/service.ts';
import { ask } from './support/holder.ts';
import { SITE, startWithPasskey } from './support/key-holder.ts';

type Headers = Record<string, string>;

async function start(...given: Parameters<typeof startWithPasskey>) {
  const holder = await startWithPasskey(...given);
  const { service, key } = holder;
  return {
    ...holder,
    async begin(headers: Headers = PAGE) {
      return service.post('/api/session/passkey/options', {}, headers);
    },
    /** @param begun the result of `begin` */
    complete: ({ challenge, public_key }: Begun, headers: Headers = PAGE, lies = {}) =>
      service.post(
        '/api/session/passkey',
        { challenge, credential: key.get(public_key, lies) },
        headers,
      ),
  };
}

type Begun = { challenge: string; public_key: Parameters<Key['get']>[0] };
type Key = Awaited<ReturnType<typeof startWithPasskey>>['key'];

test('a page logs in with a passkey: the cookie goes on, and no refresh token is in the body', async (t) => {
  const { service, begin, complete } = await start(t);
  const begun = await begin();
  assert.deepEqual([begun.status, setCookieOf(begun)], [200, undefined]);
  const done = await complete(begun.body);
  assert.deepEqual([done.status, Object.keys(done.body)], [200, ['access']], done.text);
  const attributes = attributesOf(done).slice(0, 4);
  assert.deepEqual(attributes, ['Path=/', 'Secure', 'HttpOnly', 'SameSite=Lax']);
  const cookie = setCookieOf(done) ?? '';
  assert.equal(claimsOf(cookie)['token_type'], 'cookie');
  assert.deepEqual(claimsOf(done.body.access)['amr'], ['pop', 'mfa']);
  const { refresh, logout } = sessionOf(service);
  const refreshed = await refresh(cookie);
  assert.deepEqual(claimsOf(refreshed.body.access)['amr'], ['pop', 'mfa']);
  await logout(cookie);
  assert.equal((await refresh(cookie)).status, 401);
});

test('MF06 a challenge opens one session, by the cookie or by tokens, and none after a wrong response', async (t) => {
  const { service, key, begin, complete, sessions } = await start(t);
  const before = (await sessions()).length;
  const { body } = await begin();
  const answers = await Promise.all([complete(body), complete(body), complete(body)]);
  assert.deepEqual(answers.map(({ status }) => status).toSorted(), [200, 401, 401]);
  for (const refused of answers.filter(({ status }) => status === 401))
    assert.deepEqual([refused.body.code, setCookieOf(refused)], ['challenge_not_valid', undefined]);
  const { challenge, public_key } = body;
  const elsewhere = { challenge, credential: key.get(public_key) };
  assert.equal((await service.post('/api/token/passkey', elsewhere)).status, 401);

  const other = (await begin()).body;
  const lied = await complete(other, PAGE, { origin: 'https://evil.example' });
  assert.deepEqual([lied.body.code, setCookieOf(lied)], ['passkey_not_valid', undefined]);
  assert.equal((await complete(other)).body.code, 'challenge_not_valid');
  assert.equal((await sessions()).length, before + 1);
});

test('a page of another site opens nothing with a passkey, and uses up no challenge', async (t) => {
  const { begin, complete, sessions } = await start(t);
  const before = (await sessions()).length;
  const { body } = await begin();
  for (const headers of [
    { 'sec-fetch-site': 'cross-site' },
    { origin: 'https://evil.example' },
    { 'sec-fetch-site': 'same-site', origin: 'https://other.id.example.com' },
  ] as Headers[]) {
    assert.equal((await begin(headers)).status, 403, JSON.stringify(headers));
    const refused = await complete(body, headers);
    assert.deepEqual([refused.status, setCookieOf(refused)], [403, undefined]);
  }
  assert.equal((await sessions()).length, before);
  assert.equal((await complete(body, { ...PAGE, origin: SITE })).status, 200);
});

test('a disabled account and a removed passkey open no session in a page', async (t) => {
  const { service, id, pair, begin, complete } = await start(t);
  const { body } = await begin();
  assert.equal((await ask(service, 'DELETE', `factors/${id}`, pair.access)).status, 204);
  const removed = await complete(body);
  assert.deepEqual([removed.status, setCookieOf(removed)], [401, undefined]);

  const off = await start(t);
  const begun = (await off.begin()).body;
  await off.service.database.transaction(({ db }) =>
    db.updateTable('users').set({ is_active: 0 }).execute(),
  );
  const disabled = await off.complete(begun);
  assert.deepEqual([disabled.status, setCookieOf(disabled)], [401, undefined]);
});
