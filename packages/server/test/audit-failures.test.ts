/** Attempts that failed, in the audit log: under which account, and how many of them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COUNTED_EVERY_MS, FAILURES_AT_ONCE, type FailedLogin } from '../src/audit/audit.ts';
import { ALL_ACCOUNTS } from '../src/audit/failure-budget.ts';
import { failures, startAudit } from './support/audit.ts';
import { startService } from './support/service.ts';

test('throttled logins and wrong confirmations are audited with their account', async (t) => {
  const service = await startService(t, { GATEPASS_RATE_LIMITS: 'on' });
  await service.register();
  const { access } = (await service.login()).body;
  const headers = { authorization: `Bearer ${access}`, 'content-type': 'application/json' };
  const body = JSON.stringify({ current_password: 'wrong otter parade 41' });
  const remove = () => service.send('/api/users/me', { method: 'DELETE', headers, body });
  for (let i = 0; i < 10; i++) assert.equal((await remove()).status, 400);
  assert.equal((await remove()).status, 429);
  assert.equal((await service.login()).status, 429);
  const throttled = await failures(service, 2, 'login.throttled');
  const failed = await failures(service, 10);
  assert.deepEqual([...new Set([...throttled, ...failed].map(({ user_id }) => user_id))], [1]);
});

test('a flood of failed logins writes a bounded number of rows that count all of them', async (t) => {
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

test('a flood of throttled logins is counted separately, in as few rows', async (t) => {
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

test('a flood on unknown accounts does not hide wrong passwords of a real account', async (t) => {
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

test('a flood on many real accounts is bounded too, and counted', async (t) => {
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
