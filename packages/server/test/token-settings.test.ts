/** SimpleJWT's settings of these names: LEEWAY, AUTH_HEADER_TYPES and USER_ID_CLAIM. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readConfig } from '../src/config/config.ts';
import { claimsOf, forge, goodClaims, startService } from './support/service.ts';

for (const [leeway, seconds] of [
  ['0s', 0],
  ['5s', 5],
  ['2m', 120],
] as const) {
  test(`GATEPASS_LEEWAY=${leeway}: iat and nbf may be ahead by at most this much, and exp is exact`, async (t) => {
    const service = await startService(t, { GATEPASS_LEEWAY: leeway });
    await service.register();
    const now = Math.floor(service.clock.now() / 1000);
    const statusOf = async (claims: object) => {
      const token = forge({ payload: { ...goodClaims(service.clock.now()), ...claims } });
      return (await service.verify(token)).status;
    };
    for (const claim of ['iat', 'nbf']) {
      assert.equal(await statusOf({ [claim]: now + seconds }), 200, claim);
      assert.equal(await statusOf({ [claim]: now + seconds + 1 }), 401, claim);
    }
    assert.equal(await statusOf({ exp: now }), 401);
  });
}

test('GATEPASS_AUTH_HEADER_TYPES: each word is accepted, and a 401 names the first', async (t) => {
  const service = await startService(t, { GATEPASS_AUTH_HEADER_TYPES: 'JWT, Token' });
  await service.register();
  const { access } = (await service.login()).body;
  for (const path of ['/api/users/me', '/api/token/verify']) {
    const ask = (authorization: string) => service.send(path, { headers: { authorization } });
    for (const word of ['JWT', 'jwt', 'Token']) {
      const answer = await ask(`${word} ${access}`);
      assert.equal(answer.status, 200, `${path} ${word}: ${answer.text}`);
    }
    const refused: [header: string, code: string | undefined][] = [
      [`Bearer ${access}`, undefined],
      ['JWT', 'bad_authorization_header'],
      [`JWT ${access} x`, 'bad_authorization_header'],
      ['JWT x.y.z', 'token_not_valid'],
    ];
    for (const [header, code] of refused) {
      const answer = await ask(header);
      assert.equal(answer.status, 401, header);
      assert.equal(answer.body.code, code, header);
      assert.equal(answer.headers.get('www-authenticate'), 'JWT realm="api"');
    }
  }
  const failed = await service.login('alice@example.com', 'granite otter parade 41');
  assert.equal(failed.headers.get('www-authenticate'), 'JWT realm="api"');
});

const idsOf = (token: string) => {
  const { user_id, sub, uid } = claimsOf(token);
  return { user_id, sub, uid };
};

test('GATEPASS_USER_ID_CLAIM: every token has the id under this name and is read only there', async (t) => {
  const service = await startService(t, {
    GATEPASS_USER_ID_CLAIM: 'uid',
    GATEPASS_ROTATE_REFRESH_TOKENS: 'true',
  });
  await service.register();
  const login = (await service.login()).body;
  const next = (await service.refresh(login.refresh)).body;
  for (const token of [login.access, login.refresh, next.access, next.refresh])
    assert.deepEqual(idsOf(token), { user_id: undefined, sub: '1', uid: 1 });
  assert.deepEqual(Object.keys(claimsOf(login.access)).slice(0, 6), [
    ...['token_type', 'exp', 'iat', 'jti', 'uid', 'sub'],
  ]);
  assert.equal((await service.me(next.access)).body.id, 1);
  const asked = { headers: { authorization: `Bearer ${next.access}` } };
  const forwarded = await service.send('/api/token/verify', asked);
  assert.equal(forwarded.headers.get('x-gatepass-user-id'), '1');

  const { user_id: _, ...claims } = goodClaims(service.clock.now());
  assert.equal((await service.me(forge({ payload: { ...claims, uid: '1' } }))).status, 200);
  const other = await service.me(forge({ payload: { ...claims, user_id: 1 } }));
  assert.deepEqual([other.status, other.body.reason], [401, 'missing_user']);
  // As Django's: no session, until it is used here for the first time.
  const foreign = forge({ payload: { ...claims, token_type: 'refresh', uid: 1 } });
  assert.equal((await service.refresh(foreign)).status, 200);
  const nameless = forge({ payload: { ...claims, token_type: 'refresh', user_id: 1 } });
  assert.equal((await service.refresh(nameless)).body.reason, 'missing_user');
  await service.post('/api/token/blacklist', { refresh: next.refresh });
  assert.equal((await service.verify(next.access)).body.reason, 'revoked');
});

test('GATEPASS_USER_ID_CLAIM=sub: the id is a single claim, a string', async (t) => {
  const service = await startService(t, { GATEPASS_USER_ID_CLAIM: 'sub' });
  await service.register();
  const { access } = (await service.login()).body;
  assert.deepEqual(idsOf(access), { user_id: undefined, sub: '1', uid: undefined });
  assert.equal((await service.me(access)).body.id, 1);
});

test('GATEPASS_USER_ID_CLAIM: reserved names are refused', () => {
  for (const name of ['exp', 'SUB', 'sid', 'constructor', 'a b', '1'])
    assert.throws(() => readConfig({ GATEPASS_USER_ID_CLAIM: name }), /GATEPASS_USER_ID_CLAIM/);
  const both = { GATEPASS_USER_ID_CLAIM: 'uid', GATEPASS_FORWARD_CLAIMS: 'UID' };
  assert.throws(() => readConfig(both), /GATEPASS_FORWARD_CLAIMS must not list/);
});

test('a claim stored before the id got its name does not replace the id', async (t) => {
  const service = await startService(t, { GATEPASS_USER_ID_CLAIM: 'uid' });
  await service.register();
  const claims = JSON.stringify({ uid: 999, role: 'user' });
  await service.database.transaction((tx) => tx.db.updateTable('users').set({ claims }).execute());
  const { access } = (await service.login()).body;
  assert.deepEqual(idsOf(access), { user_id: undefined, sub: '1', uid: 1 });
  assert.deepEqual(Object.keys(claimsOf(access)), [
    ...['token_type', 'exp', 'iat', 'jti', 'uid', 'sub', 'sid', 'role'],
  ]);
});
