/** The ring through HTTP: what signs, what is published and what is believed, and when. */
import assert from 'node:assert/strict';
import { createPrivateKey, sign } from 'node:crypto';
import { test } from 'node:test';
import { SQLITE_ONLY } from '../support/databases.ts';
import { claimsOf, forge, SECRET, startService } from '../support/service.ts';
import { createTestTimers } from '../support/timers.ts';
import { until } from '../support/until.ts';
import {
  ASYMMETRIC,
  DAY,
  headerOf,
  jwksOf,
  LEAD,
  logIn,
  MINUTE,
  sharedDatabase,
  startWith,
  thumbprintOf,
  verifyWithJose,
} from './support/ring.ts';

for (const alg of ASYMMETRIC) {
  test(`${alg} signs only access tokens, from the first login on`, async (t) => {
    const service = await startWith(t, { GATEPASS_SIGNING_ALG: alg });
    await service.register();
    const { access, refresh } = await logIn(service);
    const jwks = await jwksOf(service);
    assert.deepEqual(headerOf(access), { alg, typ: 'JWT', kid: jwks.kids[0] });
    assert.deepEqual(headerOf(refresh), { alg: 'HS256', typ: 'JWT' });
    assert.deepEqual(Object.keys(claimsOf(access)), [
      ...['token_type', 'exp', 'iat', 'jti', 'user_id', 'sub', 'sid'],
    ]);
    const { payload } = await verifyWithJose(access, jwks, service.clock.now());
    assert.equal(payload.sub, '1');
    assert.equal((await service.verify(access)).text, '{}');
    assert.equal((await service.verify(refresh)).text, '{}');
    assert.equal((await service.me(access)).status, 200);
    const refreshed = await service.refresh(refresh);
    assert.equal(headerOf(refreshed.body.access)['kid'], jwks.kids[0]);
    assert.equal((await service.refresh(access)).body.reason, 'wrong_type');
  });

  test(`${alg} publishes public members only, under their thumbprints, the next key with them`, async (t) => {
    const service = await startWith(t, { GATEPASS_SIGNING_ALG: alg });
    const { keys } = await jwksOf(service);
    assert.equal(keys.length, 2);
    const members = { EdDSA: ['crv', 'x'], ES256: ['crv', 'x', 'y'], RS256: ['n', 'e'] }[alg];
    for (const jwk of keys) {
      assert.deepEqual(Object.keys(jwk).sort(), ['kty', 'use', 'alg', 'kid', ...members].sort());
      assert.equal(jwk.alg, alg);
      assert.equal(jwk.use, 'sig');
      assert.equal(jwk.kid, thumbprintOf(jwk));
    }
  });
}

test('the next key takes over at one instant, and the former verifies until its tokens have expired', async (t) => {
  const shared = { ...(await sharedDatabase(t)), GATEPASS_SIGNING_ALG: 'EdDSA' };
  const a = await startWith(t, shared);
  const b = await startWith(t, shared);
  const advance = (milliseconds: number) => {
    a.clock.advance(milliseconds);
    b.clock.advance(milliseconds);
  };
  await a.register();
  const first = await logIn(a);
  const [kid, nextKid] = (await jwksOf(b)).kids;
  advance(30 * DAY - 1000);
  const last = await logIn(a);
  assert.equal(headerOf(last.access)['kid'], kid);
  advance(1000);
  // Nothing was written and no node had time to follow, so the clock alone decides.
  const [byA, byB] = [await logIn(a), await logIn(b)];
  assert.deepEqual(
    [byA, byB].map(({ access }) => headerOf(access)['kid']),
    [nextKid, nextKid],
  );
  for (const service of [a, b])
    for (const { access } of [last, byA, byB])
      assert.equal((await service.verify(access)).status, 200);
  for (const each of [a, b])
    await until('it follows the change', async () => (await jwksOf(each)).kids.length === 3);
  const published = await jwksOf(b);
  assert.deepEqual(published.kids.slice(0, 2), [kid, nextKid]);
  await verifyWithJose(last.access, published, b.clock.now());
  const events = await a.database.db
    .selectFrom('audit_events')
    .select(['actor', 'details'])
    .where('event', '=', 'key.rotate')
    .execute();
  assert.deepEqual(
    events.map(({ actor, details }) => [actor, JSON.parse(details)]),
    [
      ['schedule', { kid }],
      ['schedule', { kid: nextKid }],
    ],
    'one event for each beginning, however many nodes there are',
  );
  advance(5 * MINUTE);
  assert.ok((await jwksOf(b)).kids.includes(kid ?? ''), 'clocks may differ by a minute');
  advance(MINUTE);
  assert.deepEqual((await jwksOf(b)).kids, published.kids.slice(1));
  assert.equal((await a.verify(first.access)).body.reason, 'unknown_key');
});

test('after a change of algorithm the new key is published before it signs, and no token is refused', async (t) => {
  const shared = await sharedDatabase(t);
  const before = await startWith(t, { ...shared, GATEPASS_SIGNING_ALG: 'HS256' });
  await before.register();
  const old = await logIn(before);
  const after = await startWith(t, { ...shared, GATEPASS_SIGNING_ALG: 'ES256' });
  const both = [before, after];
  await until('the old node knows it', async () => (await jwksOf(before)).kids.length === 1);
  const early = await logIn(after);
  assert.equal(headerOf(early.access)['alg'], 'HS256', 'resource servers do not know the key yet');
  for (const { clock } of both) clock.advance(LEAD);
  const switched = [await logIn(before), await logIn(after)];
  for (const { access } of switched) assert.equal(headerOf(access)['alg'], 'ES256');
  const fresh = await before.refresh(early.refresh);
  assert.equal(headerOf(fresh.body.access)['alg'], 'ES256');
  for (const service of both)
    for (const { access, refresh } of [...switched, { ...early, access: fresh.body.access }]) {
      assert.equal((await service.verify(access)).status, 200);
      assert.equal((await service.me(access)).status, 200);
      assert.equal((await service.refresh(refresh)).status, 200);
    }
  assert.equal((await after.verify(old.refresh)).status, 200);
});

test('ST14 a node reads changes of the ring every second', SQLITE_ONLY, async (t) => {
  const shared = await sharedDatabase(t);
  const timers = createTestTimers();
  const node = await startService(t, { ...shared, GATEPASS_SIGNING_ALG: 'HS256' }, { timers });
  await startWith(t, { ...shared, GATEPASS_SIGNING_ALG: 'ES256' });
  await timers.advance(999);
  assert.deepEqual((await jwksOf(node)).kids, [], 'it has not asked yet');
  await timers.advance(1);
  assert.ok((await jwksOf(node)).kids.length > 0, 'it knows');
});

test('access tokens signed with the secret are accepted until the last of them has expired', async (t) => {
  const shared = await sharedDatabase(t);
  const before = await startWith(t, { ...shared, GATEPASS_ACCESS_TOKEN_LIFETIME: '1h' });
  await before.register();
  await logIn(before);
  const after = await startWith(t, {
    ...shared,
    GATEPASS_ACCESS_TOKEN_LIFETIME: '1h',
    GATEPASS_SIGNING_ALG: 'EdDSA',
  });
  await until('the old node knows it', async () => (await jwksOf(before)).kids.length === 1);
  for (const { clock } of [before, after]) clock.advance(LEAD - 2000);
  const last = await logIn(before);
  for (const { clock } of [before, after]) clock.advance(50 * MINUTE);
  assert.equal(headerOf((await logIn(after)).access)['alg'], 'EdDSA');
  await until('the switch is on record', async () => (await jwksOf(after)).kids.length === 2);
  assert.equal((await after.verify(last.access)).status, 200);
  // An attacker who knows the secret could go on making access tokens.
  after.clock.advance(12 * MINUTE);
  const now = Math.floor(after.clock.now() / 1000);
  const payload = { ...claimsOf(last.access), iat: now, exp: now + 300 };
  await until('it is refused', async () => {
    const { body } = await after.verify(forge({ payload, secret: SECRET }));
    return body.reason === 'unsupported_algorithm';
  });
  // One that does not say its type is good for what an access token is good for, no longer (L8).
  const untyped = { ...payload, token_type: undefined };
  const answer = await after.verify(forge({ payload: untyped, secret: SECRET }));
  assert.equal(answer.body.reason, 'unsupported_algorithm');
  assert.equal((await after.refresh(last.refresh)).status, 200, 'its refresh tokens stay');
});

test('a key that signs access tokens makes no refresh token', async (t) => {
  const service = await startWith(t, { GATEPASS_SIGNING_ALG: 'EdDSA' });
  await service.register();
  const { access, refresh } = await logIn(service);
  const rows = await service.database.db
    .selectFrom('signing_keys')
    .select(['kid', 'secret'])
    .where('state', '=', 'current')
    .where('serial', 'is not', null)
    .execute();
  const key = createPrivateKey({
    key: Buffer.from(rows[0]?.secret ?? []),
    format: 'der',
    type: 'pkcs8',
  });
  const signed = (claims: object) => {
    const [header] = access.split('.');
    const input = `${header}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`;
    return `${input}.${sign(null, Buffer.from(input), key).toString('base64url')}`;
  };
  assert.equal((await service.verify(signed(claimsOf(access)))).status, 200);
  const forged = signed(claimsOf(refresh));
  for (const answer of [await service.refresh(forged), await service.verify(forged)])
    assert.equal(answer.body.reason, 'unsupported_algorithm');
});
