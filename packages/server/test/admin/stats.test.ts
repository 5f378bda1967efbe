/** What charts of the console show: who there is, and what happened when. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startAdministration } from './support/administration.ts';

const STATS = '/api/admin/stats';
const HOUR = 3_600_000;

test('accounts are counted by status, and open sessions are counted', async (t) => {
  const service = await startAdministration(t, { GATEPASS_REFRESH_TOKEN_LIFETIME: '1d' });
  await service.begin();
  for (const name of ['a', 'b', 'c']) await service.register(`${name}@example.com`);
  await service.login('a@example.com');
  await service.login('a@example.com');
  service.clock.advance(20 * HOUR);
  const ended = (await service.login('b@example.com')).body;
  await service.login('c@example.com');
  await service.post('/api/token/blacklist', { refresh: ended.refresh });
  const admin = async (path: string, method: string, by: string) =>
    (await service.ask(path, { method }, by)).body;
  const token2 = (await service.logIn()).body.token;
  await admin('/api/admin/users/4/disable', 'POST', token2);
  const before = await admin(STATS, 'GET', token2);
  assert.deepEqual(before.users, { total: 4, active: 3, disabled: 1, unverified: 4, admin: 1 });
  assert.deepEqual(before.sessions, { open: 2 });
  // Expired, and still in the table.
  service.clock.advance(5 * HOUR);
  await service.login('b@example.com');
  assert.deepEqual((await admin(STATS, 'GET', token2)).sessions, { open: 1 });
});

test('events are counted by the hour and by the day, including summed rows and past hours', async (t) => {
  const service = await startAdministration(t);
  const { clock, register, login, database } = service;
  await service.begin();
  await register();
  await login();
  clock.advance(2 * HOUR);
  await login();
  await database.transaction(async (tx) => {
    await tx.db
      .insertInto('audit_events')
      .values({
        ...{ at: clock.now() - 1, event: 'login.fail', details: '{"count":40}' },
        ...{ user_id: null, session_id: null, actor: 'self' },
        ...{ address: '', user_agent: '', request_id: '' },
      })
      .execute();
  });
  const ask = async (query = '') => {
    const { token } = (await service.logIn()).body;
    const answer = await service.ask(STATS + query, {}, token);
    assert.equal(answer.status, 200, answer.text);
    return answer.body.activity;
  };
  const logins = (activity: { buckets: { logins: number }[] }) =>
    activity.buckets.map((bucket) => bucket.logins);

  const now = await ask('?last=4');
  assert.deepEqual(logins(now), [0, 1, 0, 1]);
  assert.equal(now.buckets[3].failures, 40);
  assert.deepEqual(
    now.buckets.map(({ from }: { from: string }) => from),
    ['02', '03', '04', '05'].map((hour) => `2026-01-02T${hour}:00:00.000Z`),
  );
  assert.equal(now.is_complete, true);

  // Counted once: what is deleted from the log remains in the chart.
  clock.advance(30 * HOUR);
  const first = await ask('?by=day&last=3');
  await database.transaction((tx) => tx.db.deleteFrom('audit_events').execute());
  await login();
  const later = await ask('?by=day&last=3');
  assert.deepEqual(logins(first), [0, 2, 0]);
  assert.deepEqual(logins(later), [0, 2, 1]);
  assert.equal(later.buckets[1].failures, 40);
  assert.equal(later.buckets[1].registrations, 2);
  assert.equal((await ask()).buckets.length, 24);
  assert.equal((await ask('?by=day')).buckets.length, 30);

  const { token } = (await service.logIn()).body;
  for (const wrong of ['by=week', 'last=0', 'last=169', 'by=day&last=91', 'last=x'])
    assert.equal((await service.ask(`${STATS}?${wrong}`, {}, token)).status, 400, wrong);
});

test('a long history is counted step by step, never in a single request', async (t) => {
  const service = await startAdministration(t);
  const { clock, database } = service;
  await service.begin();
  const start = clock.now();
  const row = { event: 'login.ok', user_id: null, session_id: null, actor: 'self' } as const;
  const rest = { address: '', user_agent: '', request_id: '', details: '{}' };
  for (let day = 0; day < 20; day++)
    await database.transaction(async (tx) => {
      await tx.db
        .insertInto('audit_events')
        .values(
          Array.from({ length: 24 }, (_, hour) => ({
            ...{ ...row, ...rest },
            at: start + day * 24 * HOUR + hour * HOUR,
          })),
        )
        .execute();
    });
  clock.advance(20 * 24 * HOUR);
  const { token } = (await service.logIn()).body;
  const seen: [boolean, number][] = [];
  do {
    const { activity } = (await service.ask(`${STATS}?by=day&last=30`, {}, token)).body;
    const sum = activity.buckets.reduce(
      (n: number, each: { logins: number }) => n + each.logins,
      0,
    );
    seen.push([activity.is_complete, sum]);
  } while (!seen.at(-1)?.[0] && seen.length < 10);
  assert.deepEqual(
    seen.map(([isComplete]) => isComplete),
    [false, false, true],
  );
  assert.equal(seen.at(-1)?.[1], 480);
});
