/** What several writers at once may do to each other, on the engine of the run: order, turns, lost updates. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { openDatabase } from '../../src/database/open.ts';
import { createRevocations } from '../../src/revocations/revocations.ts';
import { createRevocationStore } from '../../src/revocations/store.ts';
import { UNROTATED } from '../../src/sessions/session.ts';
import { createSessionStore } from '../../src/sessions/store.ts';
import { newSharedDatabase } from '../support/databases.ts';

const NEVER = Number.MAX_SAFE_INTEGER;

const revocation = (subject: string) =>
  ({ kind: 'session', subject, issuedBefore: 0, expiresAt: NEVER }) as const;

const openPair = async (t: TestContext) => {
  const url = await newSharedDatabase(t);
  const open = () => {
    const database = openDatabase(url);
    t.after(() => database.close());
    return database;
  };
  const [here, there] = [open(), open()];
  await here.migrate();
  await there.migrate();
  return { here, there };
};

test('a follower misses no revocation, whatever the order of the commits', async (t) => {
  const { here, there } = await openPair(t);
  const [slow, quick] = [createRevocationStore(here), createRevocationStore(there)];
  const follower = createRevocations({ store: quick, clock: { now: () => 0 } });
  const numbered = Promise.withResolvers<void>();
  const mayCommit = Promise.withResolvers<void>();
  const first = here.transaction(async (tx) => {
    await slow.insert(tx, [revocation('slow')]);
    numbered.resolve();
    await mayCommit.promise;
  });
  await numbered.promise;
  // Its number is higher; it must not become visible before the lower one.
  const second = there.transaction((tx) => quick.insert(tx, [revocation('quick')]));
  const until = performance.now() + 300;
  while (performance.now() < until) {
    await follower.follow();
    await sleep(20);
  }
  mayCommit.resolve();
  await Promise.all([first, second]);
  await follower.follow();
  assert.deepEqual(
    ['slow', 'quick'].filter((id) => !follower.isSessionRevoked(id)),
    [],
  );
});

test('200 revocations by two writers reach a follower that never rests', async (t) => {
  const { here, there } = await openPair(t);
  const stores = [here, there].map((database) => ({
    database,
    store: createRevocationStore(database),
  }));
  const follower = createRevocations({
    store: createRevocationStore(there),
    clock: { now: () => 0 },
  });
  let isOver = false;
  const following = (async () => {
    while (!isOver) {
      await follower.follow();
      await nextTurn();
    }
  })();
  const ids = Array.from({ length: 200 }, (_, i) => `s${i}`);
  // As many at once as there are connections: none waits for one in vain.
  const left = ids.values();
  const writer = async ({ database, store }: (typeof stores)[number]) => {
    for (const id of left) await database.transaction((tx) => store.insert(tx, [revocation(id)]));
  };
  await Promise.all(Array.from({ length: 8 }, () => stores.map(writer)).flat());
  isOver = true;
  await following;
  await follower.follow();
  assert.deepEqual(
    ids.filter((id) => !follower.isSessionRevoked(id)),
    [],
  );
});

test('a rotation does not overwrite a mark that came after it was decided', async (t) => {
  const { here, there } = await openPair(t);
  const user = await here.transaction((tx) =>
    tx.db
      .insertInto('users')
      .values({
        email: 'a@example.com',
        email_canonical: 'a@example.com',
        password_hash: null,
        is_active: 1,
        created_at: 0,
        last_login_at: null,
      })
      .returning('id')
      .executeTakeFirstOrThrow(),
  );
  const times = { createdAt: 0, rotatedAt: 0, expiresAt: NEVER, lastUsedAt: 0 };
  const device = { userAgent: '', address: '' };
  const seen = {
    ...UNROTATED,
    ...times,
    ...device,
    id: 's',
    userId: user.id,
    generation: 5,
    lateGeneration: 4,
    lateStreak: 2,
    endedAt: undefined,
    series: 0,
  };
  const [rotating, marking] = [createSessionStore(here), createSessionStore(there)];
  await here.transaction((tx) => rotating.insert(tx, seen));
  const mark = { ...seen, lateGeneration: 5, lateStreak: 3 };
  assert.ok(await there.transaction((tx) => marking.advance(tx, seen, mark, 1)));
  const next = { ...seen, generation: 6 };
  assert.equal(await here.transaction((tx) => rotating.advance(tx, seen, next, 2)), false);
  const found = await here.transaction((tx) => rotating.findRotating(tx, 's'));
  assert.deepEqual([found?.generation, found?.lateStreak], [5, 3]);
});

test('ids are never assigned again and continue above imported ones', async (t) => {
  const { here } = await openPair(t);
  const insert = (id?: number) =>
    here.transaction(async (tx) => {
      if (id !== undefined) await here.raiseLastIds(tx, { users: id });
      const email = `u${Math.random()}@example.com`;
      const row = await tx.db
        .insertInto('users')
        .values({
          ...(id !== undefined && { id }),
          email,
          email_canonical: email,
          password_hash: null,
          is_active: 1,
          created_at: 0,
          last_login_at: null,
        })
        .returning('id')
        .executeTakeFirstOrThrow();
      return row.id;
    });
  assert.equal(await insert(), 1);
  assert.equal(await insert(41), 41);
  const next = await insert();
  assert.equal(next, 42);
  await here.transaction((tx) => tx.db.deleteFrom('users').where('id', '=', next).execute());
  assert.equal(await insert(), 43);
  assert.equal((await here.lastIds())['users'], 43);
  await here.transaction((tx) => here.raiseLastIds(tx, { users: 7 }));
  assert.equal(await insert(), 44);
  assert.deepEqual(await here.check(), []);
});

test('a transaction that throws changes nothing', async (t) => {
  const { here } = await openPair(t);
  const store = createRevocationStore(here);
  await assert.rejects(
    here.transaction(async (tx) => {
      await store.insert(tx, [revocation('gone')]);
      throw new Error('a mistake');
    }),
    /a mistake/,
  );
  assert.equal(await store.newest(), 0);
});
