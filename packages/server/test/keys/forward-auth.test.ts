/** `GET /api/token/verify`: what a proxy asks on behalf of its client. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { claimsOf, forge, goodClaims, type Service } from '../support/service.ts';
import { logIn, startWith } from './support/ring.ts';

const ask = (service: Service, headers: Record<string, string> = {}, method = 'GET') =>
  service.send('/api/token/verify', { method, headers });
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const ours = (headers: Headers) => [...headers].filter(([name]) => name.startsWith('x-gatepass-'));

for (const alg of ['HS256', 'EdDSA'])
  test(`${alg}: a valid access token gets 200 with its user and session, whatever the method`, async (t) => {
    const service = await startWith(t, { GATEPASS_SIGNING_ALG: alg });
    await service.register();
    const { access } = await logIn(service);
    const expected = [
      ['x-gatepass-session-id', claimsOf(access)['sid']],
      ['x-gatepass-user-id', '1'],
    ];
    for (const method of ['GET', 'HEAD']) {
      const answer = await ask(service, bearer(access), method);
      assert.equal(answer.status, 200);
      assert.equal(answer.text, method === 'GET' ? '{}' : '');
      assert.deepEqual(ours(answer.headers), expected);
      assert.equal(answer.headers.get('cache-control'), 'no-store');
    }
  });

test('without a valid access token it is 401 with a challenge and the messages of Bearer routes', async (t) => {
  const service = await startWith(t, {});
  await service.register();
  const { access, refresh } = await logIn(service);
  const wrong = {
    nothing: {},
    'another scheme': { authorization: 'Basic YTpi' },
    'two words': { authorization: `Bearer ${access} x` },
    'a refresh token': bearer(refresh),
    'a changed token': bearer(`${access.slice(0, -4)}AAAA`),
    'no session': bearer(forge({ payload: goodClaims(service.clock.now()) })),
  };
  for (const [name, headers] of Object.entries(wrong)) {
    const answer = await ask(service, headers);
    assert.equal(answer.status, 401, name);
    assert.equal(answer.headers.get('www-authenticate'), 'Bearer realm="api"', name);
    assert.equal(answer.text, (await service.send('/api/users/me', { headers })).text, name);
    assert.deepEqual(ours(answer.headers), [], name);
  }
  service.clock.advance(301_000);
  assert.equal((await ask(service, bearer(access))).body.reason, 'expired');
});

test('a client cannot choose the headers, and requests of any kind are checked', async (t) => {
  const service = await startWith(t, {});
  await service.register();
  const { access } = await logIn(service);
  const answer = await ask(service, {
    ...bearer(access),
    'x-gatepass-user-id': '999',
    'x-gatepass-session-id': 'mine',
    // A picture of a page behind a proxy: none of this is about our answer.
    accept: 'image/avif,image/webp',
    'content-type': 'text/plain',
    'x-original-method': 'DELETE',
    'x-forwarded-method': 'DELETE',
    'x-forwarded-uri': '/x?format=xml',
    'if-none-match': '*',
    range: 'bytes=0-1',
  });
  assert.equal(answer.status, 200);
  assert.deepEqual(ours(answer.headers), [
    ['x-gatepass-session-id', claimsOf(access)['sid']],
    ['x-gatepass-user-id', '1'],
  ]);
});

test('claims that do not fit into a header are refused without a 500', async (t) => {
  const service = await startWith(t, { GATEPASS_ACCEPT_SESSIONLESS_TOKENS: 'true' });
  const claims = goodClaims(service.clock.now(), 7);
  for (const sid of ['a\r\nx-gatepass-user-id: 1', 'ключ', '-', '', ' ', 'x'.repeat(65), '\0'])
    assert.equal((await ask(service, bearer(forge({ payload: { ...claims, sid } })))).status, 401);
  for (const user_id of ['1\r\nx: y', '01', 0, -1, 1.5, null, true, [1], undefined])
    assert.equal(
      (await ask(service, bearer(forge({ payload: { ...claims, user_id } })))).status,
      401,
    );
  const answer = await ask(service, bearer(forge({ payload: { ...claims, user_id: '7' } })));
  assert.deepEqual(ours(answer.headers), [
    ['x-gatepass-session-id', '-'],
    ['x-gatepass-user-id', '7'],
  ]);
});

test('a logout takes effect at once without a database read', async (t) => {
  const service = await startWith(t, {});
  await service.register();
  const [gone, stays] = [await logIn(service), await logIn(service)];
  await service.post('/api/token/blacklist', { refresh: gone.refresh });
  assert.equal((await ask(service, bearer(gone.access))).body.reason, 'revoked');
  await service.database.close();
  assert.equal((await ask(service, bearer(gone.access))).status, 401);
  assert.equal((await ask(service, bearer(stays.access))).status, 200);
});
