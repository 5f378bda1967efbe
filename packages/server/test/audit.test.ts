/** The audit log (SECURITY.md §1 Logs): complete, atomic, bounded, and silent about secrets. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  COUNTED_EVERY_MS,
  createAudit,
  FAILURES_AT_ONCE,
  type FailedLogin,
} from '../src/audit/audit.ts';
import { OPERATOR } from '../src/audit/event.ts';
import { ALL_ACCOUNTS } from '../src/audit/failure-budget.ts';
import { createAuditStore } from '../src/audit/store.ts';
import { createJanitor } from '../src/database/janitor.ts';
import { openDatabase } from '../src/database/open.ts';
import { createServices } from '../src/services.ts';
import { failures, rows } from './support/audit.ts';
import { newDatabase } from './support/databases.ts';
import { PASSWORD, type Service, startService } from './support/service.ts';

const DAY = 86_400_000;

const told = async (service: Service) =>
  (await rows(service)).map(({ event, user_id, details }) => [event, user_id, details]);

test('a life of an account over HTTP leaves its events, which outlive it', async (t) => {
  const service = await startService(t);
  await service.register();
  const { access } = (await service.login()).body;
  const headers = { authorization: `Bearer ${access}` };
  const other = (await service.login()).body;
  const next = 'granite otter parade 41';
  const change = { current_password: PASSWORD, new_password: next };
  assert.equal((await service.post('/api/users/me/password', change, headers)).status, 200);
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
    ['session.end', 1, '{"reason":"password_changed"}'],
    ['user.delete', 1, '{}'],
    ['session.end', 1, '{"reason":"user_deleted"}'],
  ]);
});

test('a login that is refused unlooked at is a login.throttled, and no login.fail', async (t) => {
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

test('an event says who, from where, with what, in which request', async (t) => {
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

test('failed logins are told apart in the log, and no address of an unknown account is in it', async (t) => {
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

test('verify, refresh and their refusals write nothing', async (t) => {
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

/** The log alone, over a database whose commits fail on demand, at a time that a test moves. */
async function startAudit(t: { after(work: () => unknown): void }) {
  let now = 1_000_000;
  let isBroken = false;
  const faults: unknown[] = [];
  const database = openDatabase(await newDatabase(t), {
    beforeCommit: () => {
      if (isBroken) throw new Error('no commit');
    },
  });
  await database.migrate();
  t.after(() => database.close());
  const clock = { now: () => now };
  const store = createAuditStore(database);
  const { transaction } = database;
  const audit = createAudit({ store, transaction, clock, onError: (e) => faults.push(e) });
  return {
    audit,
    store,
    database,
    clock,
    faults,
    advance: (ms: number) => {
      now += ms;
    },
    breaks: (value: boolean) => {
      isBroken = value;
    },
    fail: (count: number, event: FailedLogin = 'login.fail', userId?: number) => {
      for (let i = 0; i < count; i++) audit.failedLogin({ event, userId, by: {} });
    },
    list: () => audit.list({ limit: 100_000 }),
  };
}

test('a flood of failed logins becomes a bounded number of rows that count them all', async (t) => {
  const { audit, advance, fail, list } = await startAudit(t);
  fail(10_000);
  advance(COUNTED_EVERY_MS);
  fail(5);
  await audit.stop();
  const events = await list();
  assert.ok(events.length <= FAILURES_AT_ONCE + 2, `${events.length} rows`);
  const sum = events.reduce((total, { details }) => total + (details.count ?? 1), 0);
  assert.equal(sum, 10_005);
});

test('a flood of throttled logins is counted apart from the failed ones, in as few rows', async (t) => {
  const { audit, fail, list } = await startAudit(t);
  fail(1000);
  fail(3000, 'login.throttled');
  await audit.stop();
  const events = await list();
  assert.equal(events.length, FAILURES_AT_ONCE + 2);
  const sumOf = (name: FailedLogin) =>
    events
      .filter(({ event }) => event === name)
      .reduce((total, { details }) => total + (details.count ?? 1), 0);
  assert.deepEqual([sumOf('login.fail'), sumOf('login.throttled')], [1000, 3000]);
});

test('a flood on accounts that do not exist hides no wrong password of one that does', async (t) => {
  const { audit, advance, fail, list } = await startAudit(t);
  for (let i = 0; i < 19; i++) {
    fail(1000);
    fail(1, 'login.fail', 7);
  }
  advance(COUNTED_EVERY_MS);
  fail(1000);
  fail(30, 'login.fail', 7);
  await audit.stop();
  const victim = (await list()).filter(({ userId }) => userId === 7);
  const single = victim.filter(({ details }) => details.count === undefined);
  assert.ok(single.length >= 19, `${single.length} of the first 19`);
  assert.equal(victim.length, single.length + 1, 'the rest is counted, under the account');
  const sum = victim.reduce((total, { details }) => total + (details.count ?? 1), 0);
  assert.equal(sum, 49);
});

test('a flood on many accounts that exist is bounded too, and counted', async (t) => {
  const { audit, fail, list } = await startAudit(t);
  for (let userId = 1; userId <= 2000; userId++) fail(3, 'login.fail', userId);
  await audit.stop();
  const events = await list();
  const single = events.filter(({ details }) => details.count === undefined);
  assert.equal(single.length, ALL_ACCOUNTS.most);
  assert.ok(events.length <= ALL_ACCOUNTS.most + 1001, `${events.length} rows`);
  const sum = events.reduce((total, { details }) => total + (details.count ?? 1), 0);
  assert.equal(sum, 6000);
});

test('failed logins that cannot be written are kept, not lost, and bounded', async (t) => {
  const { audit, breaks, fail, faults, list } = await startAudit(t);
  breaks(true);
  fail(FAILURES_AT_ONCE * 3);
  await audit.stop();
  assert.equal((await list()).length, 0);
  assert.ok(faults.length > 0);
  breaks(false);
  await audit.stop();
  const sum = (await list()).reduce((total, { details }) => total + (details.count ?? 1), 0);
  assert.equal(sum, FAILURES_AT_ONCE * 3);
});

test('an event is not there when its change is not, and the change not without its event', async (t) => {
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

test('the janitor deletes what is older than the retention, 500 rows at a time', async (t) => {
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
