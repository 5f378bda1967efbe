/** AB01, AB02: what ends everything of an account works for any number of sessions it may have. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import { OPERATOR } from '../../src/audit/event.ts';
import { openDatabase } from '../../src/database/open.ts';
import { createServices } from '../../src/services.ts';
import { accountsOf } from '../security/support/accounts.ts';
import { runCommand, runGatepass } from '../support/command.ts';
import { databaseOf, newSharedDatabase, workDirectory } from '../support/databases.ts';
import { claimsOf, PASSWORD, type Service, startService } from '../support/service.ts';
import { until } from '../support/until.ts';
import { eventsOf, openOf, pairOf, seedSessions } from './support/crowd.ts';
import { startBeside } from './support/faulty.ts';
import { assertAlive, assertDead, logIn, type Pair, ROTATING, remove } from './support/holder.ts';
import { verifyAt } from './support/processes.ts';

// Above any bound that a statement has in a portion, and five portions.
const COUNT = 1000;
const NEW_PASSWORD = 'granite otter parade 41';

/** A service that brings no account under its limit, with an account that is far above it. */
async function startCrowded(t: Parameters<typeof startService>[0], count = COUNT) {
  const url = await newSharedDatabase(t);
  const service = await startService(t, {
    ...ROTATING,
    GATEPASS_DATABASE_URL: url,
    GATEPASS_MAX_SESSIONS: '10000',
  });
  const asking = await logIn(service);
  const bob = await logIn(service, 'bob@example.com');
  const userId = Number(claimsOf(asking.access)['user_id']);
  const ids = await seedSessions(service.database, userId, count, () => service.clock.now());
  const some = [0, 1, 199, 200, 201, count - 1].map((i) => pairOf(service, ids[i] ?? '', userId));
  return { url, service, asking, bob, userId, some };
}

const bearer = ({ access }: Pair) => ({
  authorization: `Bearer ${access}`,
  'content-type': 'application/json',
});
const revocationsOf = ({ database }: Service) =>
  database.db.selectFrom('revocations').selectAll().execute();

type End = {
  readonly name: string;
  readonly end: (service: Service, asking: Pair) => Promise<unknown>;
  readonly reason: string;
  readonly keeps?: true;
};
const ENDS: readonly End[] = [
  {
    name: 'DELETE ?scope=all',
    end: async (service, { access }) =>
      assert.equal((await remove(service, '/api/sessions?scope=all', access)).status, 204),
    reason: 'ended_by_user',
  },
  {
    name: 'DELETE ?scope=others',
    end: async (service, { access }) =>
      assert.equal((await remove(service, '/api/sessions?scope=others', access)).status, 204),
    reason: 'ended_by_user',
    keeps: true,
  },
  {
    name: 'a change of the password',
    end: async (service, asking) => {
      const body = { current_password: PASSWORD, new_password: NEW_PASSWORD };
      const { status } = await service.post('/api/users/set_password', body, bearer(asking));
      assert.equal(status, 204);
    },
    reason: 'password_changed',
    keeps: true,
  },
  {
    name: 'DELETE /api/users/me',
    end: async (service, asking) => {
      const body = JSON.stringify({ current_password: PASSWORD });
      const init = { method: 'DELETE', headers: bearer(asking), body };
      assert.equal((await service.send('/api/users/me', init)).status, 204);
    },
    reason: 'user_deleted',
  },
  {
    name: 'user disable',
    end: async (service) => (await accountsOf(service)).disable(),
    reason: 'user_disabled',
  },
  {
    name: 'user set-password',
    end: async (service) => (await accountsOf(service)).setPassword(NEW_PASSWORD),
    reason: 'password_changed',
  },
  {
    name: 'user delete',
    end: async (service) => (await accountsOf(service)).remove(),
    reason: 'user_deleted',
  },
];

for (const { name, end, reason, keeps } of ENDS) {
  test(`AB01 AB02 ${name} ends ${COUNT} sessions with one revocation, and no other account's`, async (t) => {
    const { service, asking, bob, userId, some } = await startCrowded(t);
    for (const pair of some) await assertAlive(service, pair);
    await end(service, asking);
    assert.equal(await openOf(service.database, userId), keeps ? 1 : 0);
    const rows = await revocationsOf(service);
    assert.deepEqual(
      rows.map(({ kind, subject }) => [kind, subject]),
      [['session', String(userId)]],
    );
    const ended = keeps ? COUNT : COUNT + 1;
    await until('each has its event', async () => {
      return (await eventsOf(service.database, 'session.end', reason)) === ended;
    });
    // What the command line does is followed within a second.
    await until('it is followed', async () => {
      return (await service.verify(some[0]?.access)).status === 401;
    });
    for (const pair of some) await assertDead(service, pair);
    if (keeps) await assertAlive(service, asking);
    else await assertDead(service, asking);
    await assertAlive(service, bob);
  });
}

test('AB02 session end --all prints how many there were', async (t) => {
  const { service, userId } = await startCrowded(t, 450);
  const logger = pino({ level: 'silent' });
  const { sessions } = createServices({ ...service, logger });
  assert.equal(await sessions.endAll(userId, 'ended_by_operator', OPERATOR), 451);
  assert.equal(await sessions.endAll(userId, 'ended_by_operator', OPERATOR), 0);
});

test('AB02 an end of many sessions responds when they are over, and their rows follow in small steps', async (t) => {
  const { service, asking, userId } = await startCrowded(t, 2000);
  await remove(service, '/api/sessions?scope=all', asking.access);
  assert.equal(await openOf(service.database, userId), 0);
  const written = await eventsOf(service.database, 'session.end');
  assert.ok(written < 2000, `${written} rows before the response`);
  let steps = 0;
  for (let before = written; before < 2001; ) {
    const now = await eventsOf(service.database, 'session.end');
    assert.ok(now - before <= 200, `${now - before} rows between two looks`);
    if (now > before) steps++;
    before = now;
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.ok(steps >= 10, `${steps} steps`);
});

test('AB02 sessions are over even if the process was killed before it wrote their rows', async (t) => {
  const { url, service, userId, some, bob } = await startCrowded(t);
  const logger = pino({ level: 'silent' });
  const { sessions } = createServices({ ...service, logger });
  const change = { issuedBefore: 0, by: OPERATOR };
  // Committed; the rows beyond the first portion are never touched.
  await service.database.transaction((tx) =>
    sessions.endForUser(tx, userId, 'ended_by_operator', change),
  );
  assert.equal(await eventsOf(service.database, 'session.end'), 200);
  const beside = await startBeside(t, { url, variables: ROTATING, clock: service.clock });
  for (const { access } of some) assert.equal((await verifyAt(beside, access)).status, 401);
  await until('it is followed', async () => {
    return (await service.verify(some[0]?.access)).status === 401;
  });
  for (const pair of some) await assertDead(service, pair);
  await assertAlive(service, bob);
  const fresh = await logIn(service);
  await assertAlive(service, fresh);
  const { body } = await service.send('/api/sessions', { headers: bearer(fresh) });
  assert.equal(body.sessions.length, 1);
  await until('the next server has written the rest', async () => {
    const ended = await eventsOf(service.database, 'session.end', 'ended_by_operator');
    return ended === COUNT + 1;
  });
});

test('a login in the same second as an end of all sessions stays valid, and so does the kept session', async (t) => {
  const service = await startService(t, ROTATING);
  const [asking] = [await logIn(service), await logIn(service), await logIn(service)];
  assert.ok(asking);
  await remove(service, '/api/sessions?scope=others', asking.access);
  const fresh = await logIn(service);
  await assertAlive(service, asking);
  await assertAlive(service, fresh);
  const { body } = await service.refresh(asking.refresh);
  await assertAlive(service, body);
  const again = await logIn(service);
  await remove(service, '/api/sessions?scope=all', again.access);
  for (const pair of [body, fresh, again]) await assertDead(service, pair);
  await assertAlive(service, await logIn(service));
});

test('an account with many rows of ended sessions can be deleted', async (t) => {
  const { service, userId, asking } = await startCrowded(t);
  await remove(service, '/api/sessions?scope=others', asking.access);
  await (await accountsOf(service)).remove();
  const left = await service.database.db.selectFrom('sessions').select('user_id').execute();
  assert.deepEqual([...new Set(left.map(({ user_id }) => user_id))].includes(userId), false);
  assert.equal((await service.me(asking.access)).body.code, 'user_not_found');
  await assertAlive(service, await logIn(service));
});

for (const command of [
  ['session', 'end', 'alice@example.com', '--all'],
  ['user', 'disable', 'alice@example.com'],
  ['user', 'delete', 'alice@example.com'],
])
  test(`AB02 "${command.slice(0, 2).join(' ')}" runs until the last row is written`, async (t) => {
    const directory = await workDirectory(t);
    const url = await databaseOf(directory);
    const created = await runCommand(directory, ['user', 'create', 'alice@example.com'], PASSWORD);
    assert.equal(created.code, 0, created.stderr);
    const database = openDatabase(url);
    t.after(() => database.close());
    await seedSessions(database, 1, 900, () => Date.now());
    const { code, stderr } = await runGatepass(directory, command);
    assert.deepEqual([code, stderr], [0, '']);
    assert.equal(await eventsOf(database, 'session.end'), 900);
    assert.equal(await openOf(database, 1), 0);
  });
