/** The audit log: complete, atomic, bounded, and without secrets. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OPERATOR } from '../src/audit/event.ts';
import { createJanitor } from '../src/database/janitor.ts';
import { createServices } from '../src/services.ts';
import { failures, rows, startAudit } from './support/audit.ts';
import { PASSWORD, type Service, startService } from './support/service.ts';

const DAY = 86_400_000;

const told = async (service: Service) =>
  (await rows(service)).map(({ event, user_id, details }) => [event, user_id, details]);

test('an account’s events over HTTP are recorded and outlive the account', async (t) => {
  const service = await startService(t);
  await service.register();
  const { access } = (await service.login()).body;
  const headers = { authorization: `Bearer ${access}` };
  const other = (await service.login()).body;
  const next = 'granite otter parade 41';
  const change = { current_password: PASSWORD, new_password: next };
  const changed = await service.post('/api/users/me/password', change, headers);
  assert.equal(changed.status, 200);
  headers.authorization = `Bearer ${changed.body.access}`;
  await service.post('/api/token/blacklist', { refresh: other.refresh });
  const removed = await service.send('/api/users/me', {
    method: 'DELETE',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ current_password: next }),
  });
  assert.equal(removed.status, 204);
  assert.deepEqual(await told(service), [
    ['user.register', 1, '{}'],
    ['login.ok', 1, '{}'],
    ['login.ok', 1, '{}'],
    ['password.change', 1, '{}'],
    ['login.ok', 1, '{}'],
    ['session.end', 1, '{"reason":"password_changed"}'],
    ['session.end', 1, '{"reason":"password_changed"}'],
    ['user.delete', 1, '{}'],
    ['session.end', 1, '{"reason":"user_deleted"}'],
  ]);
});

test('a login refused before the password check is audited as login.throttled, not login.fail', async (t) => {
  const service = await startService(t, { GATEPASS_RATE_LIMITS: 'on' });
  const login = () =>
    service.post('/api/token', { email: 'alice@example.com', password: 'wrong otter parade 41' });
  for (let i = 0; i < 10; i++) assert.equal((await login()).status, 401);
  assert.equal((await login()).status, 429);
  const [event, ...others] = await failures(service, 1, 'login.throttled');
  assert.deepEqual(
    [event?.user_id, event?.address, event?.details, others],
    [null, '127.0.0.1', '{}', []],
  );
  assert.equal((await failures(service, 10)).length, 10);
});

test('an event names the actor, the address, the user agent and the request', async (t) => {
  const service = await startService(t);
  await service.register();
  const credentials = { email: 'alice@example.com', password: PASSWORD };
  const agent = `agent ${'x'.repeat(300)}`;
  const headers = { 'user-agent': agent, 'x-request-id': 'audit-1' };
  await service.post('/api/token', credentials, headers);
  const [, login] = await rows(service);
  assert.equal(login?.at, service.clock.now());
  assert.deepEqual(
    [login?.event, login?.actor, login?.address, login?.user_agent, login?.request_id],
    ['login.ok', 'self', '127.0.0.1', agent.slice(0, 200), 'audit-1'],
  );
});

test('the log distinguishes failed logins and contains no address of an unknown account', async (t) => {
  const service = await startService(t);
  await service.register();
  const { users } = createServices({ ...service, logger: { error() {}, warn() {} } as never });
  assert.equal((await service.login('alice@example.com', 'wrong')).status, 401);
  assert.equal((await service.login('my-password-by-mistake@example.com')).status, 401);
  const alice = await users.findByEmail('alice@example.com');
  assert.ok(alice);
  await users.disable(alice, OPERATOR);
  assert.equal((await service.login()).status, 401);
  const found = await failures(service, 3);
  assert.deepEqual(
    found.map(({ user_id, details }) => [user_id, JSON.parse(details).reason]),
    [
      [1, 'wrong_password'],
      [null, 'unknown_account'],
      [1, 'disabled'],
    ],
  );
  const all = JSON.stringify(await rows(service));
  assert.ok(all.includes('user.disable') && all.includes('"actor":"operator"'));
  assert.ok(!/mistake|alice|wrong"|correct horse|argon2|eyJ/.test(all), all);
});

test('verify, refresh and their refusals write no event', async (t) => {
  const service = await startService(t);
  await service.register();
  const { access, refresh } = (await service.login()).body;
  const before = await told(service);
  for (const token of [access, refresh, 'garbage']) {
    await service.verify(token);
    await service.refresh(token);
  }
  assert.deepEqual(await told(service), before);
});

test('an event and its change are committed together or not at all', async (t) => {
  const { audit, database, list } = await startAudit(t);
  const failed = database.transaction(async (tx) => {
    await audit.record(tx, { event: 'user.disable', userId: 1, by: OPERATOR });
    throw new Error('the change failed');
  });
  await assert.rejects(failed, /the change failed/);
  assert.deepEqual(await list(), []);

  const service = await startService(t);
  await service.database.transaction(async ({ db }) => {
    await db.schema.dropTable('audit_events').execute();
  });
  assert.equal((await service.register()).status, 503);
  const users = await service.database.db.selectFrom('users').selectAll().execute();
  assert.deepEqual(users, []);
});

test('the janitor deletes events older than the retention, 500 rows at a time', async (t) => {
  const { audit, store, database, clock, advance, list } = await startAudit(t);
  const record = (count: number) =>
    database.transaction(async (tx) => {
      for (let i = 0; i < count; i++)
        await audit.record(tx, { event: 'login.ok', userId: i, by: {} });
    });
  await record(1200);
  advance(90 * DAY);
  await record(3);
  const janitor = createJanitor({
    purges: [(tx, now, limit) => store.purge(tx, now - 89 * DAY, limit)],
    transaction: database.transaction,
    clock,
    onError: assert.ifError,
  });
  const swept: number[] = [];
  for (let i = 0; i < 4; i++) swept.push(await janitor.sweep());
  assert.deepEqual(swept, [500, 500, 200, 0]);
  assert.equal((await list()).length, 3);
});
