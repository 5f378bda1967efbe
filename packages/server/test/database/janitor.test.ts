/** A month of logins in frozen time: the tables end as large as what is alive. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { pino } from 'pino';
import { readConfig } from '../../src/config/config.ts';
import { createJanitor } from '../../src/database/janitor.ts';
import { openDatabase } from '../../src/database/open.ts';
import { createRevocationStore } from '../../src/revocations/store.ts';
import { createServices } from '../../src/services.ts';
import { EXPIRED_FOR_MS } from '../../src/sessions/ends.ts';
import { createRandom } from '../sessions/support/faulty.ts';
import { DAY, HOUR, ROTATING } from '../sessions/support/holder.ts';
import { newDatabase } from '../support/databases.ts';
import { timersOf } from '../support/timers.ts';

const BATCH = 500;

/** Accounts and their janitor without HTTP, at a time that a test moves. */
async function startAccounts(t: TestContext) {
  let now = Date.UTC(2026, 0, 1);
  const clock = { now: () => now };
  const config = readConfig({ ...ROTATING, GATEPASS_MAX_SESSIONS: '10000' });
  const database = openDatabase(await newDatabase(t));
  await database.migrate();
  t.after(() => database.close());
  const logger = pino({ level: 'silent' });
  const accounts = await createServices({ config, database, clock, logger });
  const { sessions, sessionStore } = accounts;
  const revocationStore = createRevocationStore(database);
  const [{ id: userId } = { id: 0 }] = await database.transaction((tx) =>
    tx.db
      .insertInto('users')
      .values({
        email: 'a@example.com',
        email_canonical: 'a@example.com',
        password_hash: null,
        is_active: 1,
        created_at: now,
        last_login_at: null,
      })
      .returning('id')
      .execute(),
  );

  const largest = { sessions: 0, revocations: 0 };
  type Purge = typeof sessionStore.purge;
  const counting = (table: keyof typeof largest, purge: Purge): Purge => {
    return async (tx, before, limit) => {
      const gone = await purge(tx, before, limit);
      largest[table] = Math.max(largest[table], gone);
      return gone;
    };
  };
  const sessionPurge =
    (purge: Purge): Purge =>
    (tx, at, limit) =>
      purge(tx, at - EXPIRED_FOR_MS, limit);
  const janitor = createJanitor({
    purges: [
      sessionPurge(counting('sessions', sessionStore.purge)),
      counting('revocations', revocationStore.purge),
    ],
    transaction: database.transaction,
    clock,
    timers: timersOf(clock),
    onError: assert.ifError,
  });
  const count = async (table: 'sessions' | 'revocations', aliveAt?: number) => {
    const select = database.db
      .selectFrom(table)
      .select((eb) => eb.fn.countAll<number>().as('count'));
    const alive = aliveAt === undefined ? select : select.where('expires_at', '>', aliveAt);
    return (await alive.executeTakeFirstOrThrow()).count;
  };
  return {
    sessions,
    janitor,
    largest,
    count,
    userId,
    now: () => now,
    open: () =>
      database.transaction((tx) => sessions.open(tx, userId, { userAgent: 'x', address: '::1' })),
    revoke: (count: number) =>
      database.transaction((tx) => {
        const expiresAt = now + DAY;
        const one = { kind: 'session', issuedBefore: 0, expiresAt } as const;
        const rows = Array.from({ length: count }, (_, i) => ({ ...one, subject: `s${i}` }));
        return revocationStore.insert(tx, rows);
      }),
    advance: (milliseconds: number) => {
      now += milliseconds;
    },
    /** What the janitor's timer does: a round, and at once another one while a batch was full. */
    async sweep(): Promise<number> {
      let sweeps = 1;
      while ((await janitor.sweep()) >= BATCH) sweeps++;
      return sweeps;
    },
  };
}

type Live = { id: string; generation: number; left: number; nextAt: number; logsOut: boolean };

test('after a month of 10 logins a day, only live rows are left', async (t) => {
  const service = await startAccounts(t);
  const { sessions, userId, sweep, count } = service;
  const random = createRandom(30);
  const TICK = HOUR;
  const ticks = (30 * DAY) / TICK;
  let live: Live[] = [];
  let logins = 0;
  let rotations = 0;
  let peak = 0;
  for (let tick = 0; tick < ticks; tick++) {
    service.advance(TICK);
    const now = service.now();
    while (logins < ((tick + 1) * 10 * TICK) / DAY) {
      logins++;
      const { id } = await service.open();
      const left = Math.floor(random() * 20);
      live.push({ id, generation: 0, left, nextAt: now + 12 * HOUR, logsOut: random() < 0.3 });
    }
    const due = live.filter(({ nextAt }) => nextAt <= now);
    await Promise.all(
      due.map(async (holder) => {
        if (holder.left-- > 0) {
          const { id, generation } = holder;
          const presented = { generation, issuedAt: 0, by: '' };
          const refreshed = await sessions.rotate(id, userId, presented, () => ({}));
          assert.ok(refreshed.ok);
          holder.generation = refreshed.session.generation;
          holder.nextAt = now + 12 * HOUR;
          rotations++;
        } else if (holder.logsOut) await sessions.endOne(userId, holder.id, 'logout', {});
      }),
    );
    live = live.filter(({ left, nextAt }) => left >= 0 && nextAt > now);
    await sweep();
    if (tick % 6 === 0) peak = Math.max(peak, await count('sessions'));
  }
  const [rows, alive] = [await count('sessions'), await count('sessions', service.now())];
  const kept = await count('sessions', service.now() - EXPIRED_FOR_MS);
  const [revoked, due] = [await count('revocations'), await count('revocations', service.now())];
  t.diagnostic(`${logins} logins, ${rotations} rotations in 30 days`);
  t.diagnostic(`sessions: ${rows} rows, ${alive} alive, at most ${peak}; revocations: ${revoked}`);
  assert.ok(logins >= 300 && rotations > 2000);
  assert.ok(rows < logins / 2, `${rows} rows of ${logins} logins`);
  // An expired session stays for as long as an access token of it may have to be ended.
  assert.ok(rows - kept <= 5, `${rows - kept} sessions are left that nothing needs`);
  assert.equal(revoked, due);

  service.advance(31 * DAY);
  await sweep();
  assert.deepEqual([await count('sessions'), await count('revocations')], [0, 0]);
});

test('thousands of rows that expire at once are deleted in batches of at most 500 per table', async (t) => {
  const service = await startAccounts(t);
  // Few at a time: a busy machine's pool has ten connections for all of them.
  for (let i = 0; i < 150; i++) await Promise.all(Array.from({ length: 8 }, service.open));
  await service.revoke(1199);
  assert.equal(await service.sessions.endAll(service.userId, 'ended_by_user', {}), 1200);
  const rows = async () => [await service.count('sessions'), await service.count('revocations')];
  assert.deepEqual(await rows(), [1200, 1200]);
  assert.equal(await service.sweep(), 1);
  assert.equal(await service.count('sessions'), 1200, 'nothing has expired yet');
  service.advance(DAY + EXPIRED_FOR_MS + 1);
  const sweeps = await service.sweep();
  assert.deepEqual(await rows(), [0, 0]);
  assert.deepEqual(service.largest, { sessions: BATCH, revocations: BATCH });
  assert.ok(sweeps >= 3 && sweeps <= 4, `${sweeps} sweeps`);
});
