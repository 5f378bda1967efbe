/** The customer's document, step by step. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { claimsOf, startService } from './support/service.ts';

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

test('issuer and audience are minted and demanded when configured', async (t) => {
  const service = await startService(t, {
    GATEPASS_ISSUER: 'https://id.example.com',
    GATEPASS_AUDIENCE: 'api',
  });
  await service.register();
  const { body } = await service.login();
  const claims = claimsOf(body.access);
  assert.equal(claims['iss'], 'https://id.example.com');
  assert.equal(claims['aud'], 'api');
  assert.equal((await service.verify(body.access)).status, 200);
});
