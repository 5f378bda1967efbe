/**
 * docs/security-cases.md, group RF: what a presented refresh token gets, on one server with a
 * frozen clock.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import { createJanitor } from '../../src/database/janitor.ts';
import { createServices } from '../../src/services.ts';
import { claimsOf, forge, startService } from '../support/service.ts';
import { timersOf } from '../support/timers.ts';
import {
  assertDead,
  assertRefused,
  DAY,
  generationOf,
  HOUR,
  logIn,
  MINUTE,
  ROTATING,
  rotate,
  rowOf,
  SECOND,
  spend,
} from './support/holder.ts';

test('RF02 a token two generations old ends the session, its newest tokens included', async (t) => {
  const service = await startService(t, ROTATING);
  const first = await logIn(service);
  const second = await rotate(service, first.refresh);
  const third = await spend(service, second.refresh);
  const other = await logIn(service);
  assertRefused(await service.refresh(first.refresh), 'reused');
  await assertDead(service, third, 'the newest pair');
  await assertDead(service, second, 'the pair before');
  assertRefused(await service.refresh(first.refresh), 'revoked');
  assert.equal((await rowOf(service, first.refresh))?.end_reason, 'reused');
  assert.equal((await service.me(other.access)).status, 200, 'another session of the user');
});

test('RF02 the reuse leaves an audit event refresh.reuse, in the transaction that ends the session', async (t) => {
  const service = await startService(t, ROTATING);
  const first = await logIn(service);
  const second = await rotate(service, first.refresh);
  await spend(service, second.refresh);
  assertRefused(await service.refresh(first.refresh), 'reused');
  const rows = await service.database.db
    .selectFrom('audit_events')
    .selectAll()
    .orderBy('id', 'desc')
    .limit(2)
    .execute();
  const sid = claimsOf(first.refresh)['sid'];
  assert.deepEqual(
    rows.map((row) => [row.event, row.session_id, row.user_id, row.address, row.details]),
    [
      ['session.end', sid, 1, '127.0.0.1', '{"reason":"reused"}'],
      ['refresh.reuse', sid, 1, '127.0.0.1', '{}'],
    ],
  );
});

test('RF12 refreshed every minute, a session ends at its absolute limit and no refresh token outlives it', async (t) => {
  const variables = { GATEPASS_SESSION_LIFETIME: '2h', GATEPASS_REFRESH_TOKEN_LIFETIME: '10m' };
  const service = await startService(t, { ...ROTATING, ...variables });
  let { refresh } = await logIn(service);
  const limit = service.clock.now() + 2 * HOUR;
  for (let minute = 1; minute < 120; minute++) {
    service.clock.advance(MINUTE);
    refresh = (await rotate(service, refresh)).refresh;
    assert.ok(Number(claimsOf(refresh)['exp']) * SECOND <= limit, `after ${minute} minutes`);
  }
  assert.equal(generationOf(refresh), 119);
  service.clock.advance(MINUTE);
  assertRefused(await service.refresh(refresh), 'expired');
});

test('RF12 no access token of a rotating session outlives the session', async (t) => {
  const service = await startService(t, { ...ROTATING, GATEPASS_SESSION_LIFETIME: '24h' });
  const { refresh } = await logIn(service);
  const limit = Number(claimsOf(refresh)['exp']);
  service.clock.advance(DAY - 2 * SECOND);
  const { access } = await rotate(service, refresh);
  assert.equal(claimsOf(access)['exp'], limit);
  service.clock.advance(2 * SECOND);
  assertRefused(await service.verify(access), 'expired');
});

test('RF13 an expired token that was never spent is refused and ends no session', async (t) => {
  const service = await startService(t, ROTATING);
  const { refresh } = await logIn(service);
  service.clock.advance(DAY);
  assertRefused(await service.refresh(refresh), 'expired');
  const row = await rowOf(service, refresh);
  assert.deepEqual([row?.ended_at, row?.generation, row?.late_streak], [null, 0, 0]);
});

test('RF13 an expired parent is refused, its successor goes on', async (t) => {
  const service = await startService(t, ROTATING);
  const first = await logIn(service);
  service.clock.advance(23 * HOUR);
  const second = await rotate(service, first.refresh);
  service.clock.advance(2 * HOUR);
  assertRefused(await service.refresh(first.refresh), 'expired');
  assert.equal((await rotate(service, second.refresh)).access.split('.').length, 3);
});

test('RF14 no stored value is accepted as a token', async (t) => {
  const service = await startService(t, ROTATING);
  const pair = await logIn(service);
  await rotate(service, pair.refresh);
  const { db } = service.database;
  let presented = 0;
  for (const table of [
    'users',
    'sessions',
    'revocations',
    'signing_keys',
    'audit_events',
  ] as const) {
    for (const row of await db.selectFrom(table).selectAll().execute()) {
      for (const value of Object.values(row)) {
        const text = value instanceof Uint8Array ? Buffer.from(value).toString('hex') : `${value}`;
        if (text === '') continue;
        assert.equal((await service.refresh(text)).status, 401, `${table}: ${text}`);
        assert.equal((await service.verify(text)).status, 401, `${table}: ${text}`);
        assert.ok(!pair.refresh.includes(text) || text.length < 5, `${table} holds ${text}`);
        presented++;
      }
    }
  }
  assert.ok(presented > 15, `only ${presented} values`);
});

test('RF16 a refresh token is taken from the body, as text, and is never logged', async (t) => {
  const service = await startService(t, ROTATING);
  const { refresh } = await logIn(service);
  const path = '/api/token/refresh';
  const bearer = { authorization: `Bearer ${refresh}` };
  const answers = {
    query: await service.post(`${path}?refresh=${refresh}`, {}),
    header: await service.post(path, {}, bearer),
    number: await service.refresh(7),
    array: await service.refresh([refresh]),
    object: await service.refresh({ token: refresh }),
    null: await service.refresh(null),
  };
  for (const [where, { status, body }] of Object.entries(answers)) {
    assert.equal(status, 400, where);
    assert.deepEqual(Object.keys(body), ['refresh'], where);
  }
  assert.equal((await rowOf(service, refresh))?.generation, 0);
  await rotate(service, refresh);
  const [, payload = '', signature = ''] = refresh.split('.');
  const log = service.log.join('');
  assert.ok(log.includes(path), 'the requests are in the log');
  assert.ok(!log.includes(payload) && !log.includes(signature), 'the token is in the log');
});

test("RF18 a signed token with one user's id and another's session changes nothing", async (t) => {
  const service = await startService(t, ROTATING);
  const alice = await logIn(service);
  const bob = await logIn(service, 'bob@example.com');
  const before = await service.database.db.selectFrom('sessions').selectAll().execute();
  const { user_id, sub } = claimsOf(alice.refresh);
  const mixed = forge({ payload: { ...claimsOf(bob.refresh), user_id, sub } });
  assertRefused(await service.refresh(mixed), 'revoked');
  assertRefused(await service.verify(mixed), 'revoked');
  const logout = await service.post('/api/token/blacklist', { refresh: mixed });
  assert.ok([200, 401].includes(logout.status));
  const after = await service.database.db.selectFrom('sessions').selectAll().execute();
  assert.deepEqual(after, before);
  await rotate(service, bob.refresh);
});

test('RF19 an old token is still reuse after the janitor has swept', async (t) => {
  const service = await startService(t, ROTATING);
  const first = await logIn(service);
  let pair = first;
  for (let i = 0; i < 5; i++) {
    service.clock.advance(4 * HOUR);
    pair = await rotate(service, pair.refresh);
  }
  const { database, clock } = service;
  const { transaction } = database;
  const janitor = createJanitor({
    purges: createServices({ ...service, logger: pino({ level: 'silent' }) }).parts.flatMap(
      ({ purges = [] }) => purges,
    ),
    transaction,
    clock,
    timers: timersOf(clock),
    onError: assert.ifError,
  });
  await janitor.sweep();
  assertRefused(await service.refresh(first.refresh), 'reused');
  await assertDead(service, pair);
});
