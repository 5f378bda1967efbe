/** docs/security-cases.md, group TC: good tokens in the wrong place, or of the wrong person or time. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { claimsOf, forge, goodClaims, PASSWORD, startService } from '../support/service.ts';
import { accountsOf } from './support/accounts.ts';
import { assertBearerRefused, assertTokenRefused, SESSIONLESS } from './support/refusals.ts';

test('TC02 an access token does not refresh, a refresh token does not open a Bearer route', async (t) => {
  const service = await startService(t);
  await service.register();
  const { body: pair } = await service.login();
  const refreshed = await service.refresh(pair.access);
  assertTokenRefused('access at refresh', refreshed, { reason: 'wrong_type' });
  assert.equal(refreshed.body.detail, 'Token has wrong type');
  const answer = await service.me(pair.refresh);
  assertBearerRefused('refresh as Bearer', answer);
  assert.equal(answer.body.reason, 'wrong_type');
  assert.equal((await service.refresh(pair.refresh)).status, 200);
});

test('TC04 verify accepts access and refresh tokens and no other type', async (t) => {
  const service = await startService(t, SESSIONLESS);
  await service.register();
  const ofType = (type: unknown) =>
    forge({ payload: { ...goodClaims(service.clock.now()), token_type: type } });
  for (const type of ['access', 'refresh'])
    assert.equal((await service.verify(ofType(type))).text, '{}');
  const others = ['reset', 'sliding', 'id', 'Access', 'access ', '', '__proto__'];
  for (const type of [...others, null, 7, ['access'], { access: 1 }]) {
    const name = JSON.stringify(type);
    assertTokenRefused(`verify ${name}`, await service.verify(ofType(type)), {
      reason: 'wrong_type',
    });
    assertTokenRefused(`refresh ${name}`, await service.refresh(ofType(type)));
    assertBearerRefused(`Bearer ${name}`, await service.me(ofType(type)));
  }
});

test('TC04 a token without a type passes verify, as in SimpleJWT, and no other route', async (t) => {
  const service = await startService(t, SESSIONLESS);
  await service.register();
  const { token_type: _, ...claims } = goodClaims(service.clock.now());
  const token = forge({ payload: claims });
  assert.equal((await service.verify(token)).status, 200);
  assertTokenRefused('refresh', await service.refresh(token), { reason: 'missing_type' });
  assertBearerRefused('Bearer', await service.me(token));
});

test('TC08 tokens used alternately and concurrently are never mixed up', async (t) => {
  const service = await startService(t);
  const tokens = new Map<string, string>();
  for (const email of ['alice@example.com', 'bob@example.com', 'carol@example.com']) {
    await service.register(email);
    tokens.set(email, (await service.login(email)).body.access);
  }
  for (let round = 0; round < 60; round++) {
    const calls = [...tokens].map(async ([email, token]) => {
      assert.equal((await service.me(token)).body.email, email);
    });
    await Promise.all(calls);
  }
  const jtis = new Set([...tokens.values()].map((token) => claimsOf(token)['jti']));
  assert.equal(jtis.size, tokens.size);
});

test('TC10 the tokens of a deleted account do not work for a new account of the same address', async (t) => {
  const service = await startService(t);
  await service.register();
  const { body: pair } = await service.login();
  const accounts = await accountsOf(service);
  await accounts.remove();
  const refused = async () => {
    assertTokenRefused('refresh', await service.refresh(pair.refresh));
    assert.equal((await service.me(pair.access)).body.code, 'user_not_found');
  };
  await refused();
  assert.equal((await service.register()).body.id, 2);
  await refused();
  assert.equal((await service.me((await service.login()).body.access)).body.id, 2);
});

test('TC11 a disabled account is refused at once at refresh, Bearer and login', async (t) => {
  const service = await startService(t);
  await service.register();
  const { body: pair } = await service.login();
  const accounts = await accountsOf(service);
  await accounts.disable();
  assertTokenRefused('refresh', await service.refresh(pair.refresh));
  const answer = await service.me(pair.access);
  assert.equal(answer.status, 401);
  assert.equal(answer.body.code, 'user_inactive');
  assert.equal((await service.login()).status, 401);
});

test('after a password change old tokens are void, and a login in the same second works', async (t) => {
  const service = await startService(t);
  await service.register();
  const { body: old } = await service.login();
  const accounts = await accountsOf(service);
  const changed = 'granite otter parade 41';
  const before = service.clock.now();
  assert.notEqual(await accounts.setPassword(changed), 'wrong_password');
  const refused = async () => {
    assertTokenRefused('refresh', await service.refresh(old.refresh), { reason: 'revoked' });
    const answer = await service.me(old.access);
    assertBearerRefused('Bearer', answer);
    assert.equal(answer.body.reason, 'revoked');
  };
  // A change from the command line reaches a running node within a second.
  const deadline = performance.now() + 60_000;
  while ((await service.me(old.access)).status === 200 && performance.now() < deadline)
    await setImmediate();
  await refused();
  assert.equal((await service.login('alice@example.com', PASSWORD)).status, 401);
  const { status, body: fresh } = await service.login('alice@example.com', changed);
  assert.equal(status, 200);
  assert.equal(service.clock.now(), before);
  const works = async () => {
    assert.equal((await service.me(fresh.access)).status, 200);
    assert.equal((await service.verify(fresh.access)).status, 200);
    const { status, body } = await service.refresh(fresh.refresh);
    assert.equal(status, 200);
    assert.equal((await service.me(body.access)).status, 200);
  };
  await works();
  service.clock.advance(2000);
  await works();
  await refused();
});
