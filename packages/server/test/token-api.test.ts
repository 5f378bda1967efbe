/** The customer's document, step by step. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jwtVerify } from 'jose';
import { claimsOf, forge, SECRET, startService } from './support/service.ts';

const ADDRESSED = { GATEPASS_ISSUER: 'https://id.example.com', GATEPASS_AUDIENCE: 'api' };

test('register, log in, verify, refresh and call a Bearer route', async (t) => {
  const service = await startService(t);
  const registered = await service.register('user@example.com');
  assert.equal(registered.status, 201);
  assert.deepEqual(registered.body, { id: 1, email: 'user@example.com' });

  const { status, body: pair } = await service.login('user@example.com');
  assert.equal(status, 200);
  assert.deepEqual(Object.keys(pair), ['refresh', 'access']);
  assert.deepEqual((await service.verify(pair.access)).body, {});
  assert.deepEqual((await service.verify(pair.refresh)).body, {});
  assert.deepEqual((await service.me(pair.access)).body, registered.body);

  service.clock.advance(5 * 60_000);
  const expired = await service.verify(pair.access);
  assert.equal(expired.status, 401);
  assert.deepEqual(expired.body, {
    detail: 'Token is invalid or expired',
    code: 'token_not_valid',
    reason: 'expired',
  });

  const refreshed = await service.refresh(pair.refresh);
  assert.deepEqual(Object.keys(refreshed.body), ['access']);
  assert.equal((await service.me(refreshed.body.access)).status, 200);

  service.clock.advance(24 * 3_600_000 - 5 * 60_000);
  assert.equal((await service.refresh(pair.refresh)).status, 401);
});

test('a token carries the five claims of the contract first, then sub and sid', async (t) => {
  const service = await startService(t);
  await service.register();
  const { body } = await service.login();
  const now = Math.floor(service.clock.now() / 1000);
  for (const [type, lifetime] of [
    ['access', 300],
    ['refresh', 86_400],
  ] as const) {
    const claims = claimsOf(body[type]);
    assert.deepEqual(Object.keys(claims), [
      'token_type',
      'exp',
      'iat',
      'jti',
      'user_id',
      'sub',
      'sid',
    ]);
    assert.match(String(claims['jti']), /^[0-9a-f]{32}$/);
    assert.deepEqual(
      { ...claims, jti: '', sid: '' },
      { token_type: type, exp: now + lifetime, iat: now, jti: '', user_id: 1, sub: '1', sid: '' },
    );
  }
  assert.equal(
    Buffer.from(body.access.split('.')[0], 'base64url').toString(),
    '{"alg":"HS256","typ":"JWT"}',
  );
});

test('configured issuer and audience are in tokens and required', async (t) => {
  const service = await startService(t, ADDRESSED);
  await service.register();
  const { body } = await service.login();
  const claims = claimsOf(body.access);
  assert.equal(claims['iss'], 'https://id.example.com');
  assert.equal(claims['aud'], 'api');
  assert.equal((await service.verify(body.access)).status, 200);
});

test('a library that checks the audience refuses refresh tokens, and the service accepts them', async (t) => {
  const service = await startService(t, ADDRESSED);
  await service.register();
  const { body } = await service.login();
  assert.equal(claimsOf(body.refresh)['aud'], 'api#refresh');
  const currentDate = new Date(service.clock.now());
  const verifyAsAccess = (token: string) =>
    jwtVerify(token, Buffer.from(SECRET), { audience: 'api', currentDate });
  await verifyAsAccess(body.access);
  await assert.rejects(verifyAsAccess(body.refresh), { claim: 'aud' });
  assert.equal((await service.verify(body.refresh)).status, 200);
  assert.equal((await service.refresh(body.refresh)).status, 200);
  assert.equal((await service.me(body.refresh)).body.messages[0].message, 'Token has wrong type');
  assert.equal((await service.post('/api/token/blacklist', body)).status, 200);
});

for (const rotation of ['false', 'true'])
  test(`refresh tokens from before they had an audience of their own are accepted (rotation ${rotation})`, async (t) => {
    const service = await startService(t, {
      ...ADDRESSED,
      GATEPASS_ROTATE_REFRESH_TOKENS: rotation,
    });
    await service.register();
    const { body } = await service.login();
    const before = forge({ payload: { ...claimsOf(body.refresh), aud: 'api' } });
    assert.equal((await service.verify(before)).status, 200);
    const refreshed = await service.refresh(before);
    assert.equal(refreshed.status, 200);
    assert.equal(claimsOf(refreshed.body.access)['aud'], 'api');
    if (rotation === 'true') assert.equal(claimsOf(refreshed.body.refresh)['aud'], 'api#refresh');
  });

test('each type of token has its own audience, and every other is refused', async (t) => {
  const service = await startService(t, ADDRESSED);
  await service.register();
  const { body } = await service.login();
  const verdict = async (type: 'access' | 'refresh', aud: unknown) => {
    const payload = { ...claimsOf(body[type]), aud };
    const { status, body: answer } = await service.verify(forge({ payload }));
    return status === 200 ? 200 : answer.reason;
  };
  const cases: [unknown, access: unknown, refresh: unknown][] = [
    ['api', 200, 200],
    [['other', 'api'], 200, 200],
    ['api#refresh', 'wrong_audience', 200],
    [['api#refresh'], 'wrong_audience', 200],
    ['other', 'wrong_audience', 'wrong_audience'],
    ['api#', 'wrong_audience', 'wrong_audience'],
    [['api', 7], 'wrong_audience', 'wrong_audience'],
    [[], 'wrong_audience', 'wrong_audience'],
    [{ api: 'api' }, 'wrong_audience', 'wrong_audience'],
    [undefined, 'wrong_audience', 'wrong_audience'],
  ];
  for (const [aud, access, refresh] of cases) {
    assert.equal(await verdict('access', aud), access, JSON.stringify(aud));
    assert.equal(await verdict('refresh', aud), refresh, JSON.stringify(aud));
  }
});
