/** Numbers become visible in the order of commits; a reader of events must miss none all the same. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createAuditStore } from '../../src/audit/store.ts';
import { openDatabase } from '../../src/database/open.ts';
import { createEvents } from '../../src/events/events.ts';
import { createSettled } from '../../src/events/settled.ts';
import { newPostgresDatabase, newSharedDatabase } from '../support/databases.ts';

async function openPair(t: TestContext, url: string) {
  const open = async () => {
    const database = openDatabase(url);
    t.after(() => database.close());
    await database.migrate();
    const store = createAuditStore(database);
    return { database, store, events: createEvents({ store, database }) };
  };
  return { here: await open(), there: await open() };
}

const event = (userId: number) => ({ event: 'login.ok' as const, userId, by: {} });

/** All that a reader gets that asks until `isOver` has come true and nothing is left. */
async function readAll(
  events: Awaited<ReturnType<typeof openPair>>['here']['events'],
  isOver: () => boolean,
) {
  const seen: number[] = [];
  for (let after = 0, isLast = false; ; ) {
    const page = await events.page({ after });
    if (page.state === 'gone') throw new Error('gone');
    seen.push(...page.events.map(({ user_id }) => Number(user_id)));
    if (isLast && page.next === page.newest && page.events.length === 0) return seen;
    isLast = isOver();
    after = page.next;
    await nextTurn();
  }
}

test('PostgreSQL: a number that is committed late is not skipped', async (t) => {
  const { here, there } = await openPair(t, await newPostgresDatabase(t));
  const numbered = Promise.withResolvers<void>();
  const mayCommit = Promise.withResolvers<void>();
  const slow = here.database.transaction(async (tx) => {
    await here.store.insert(tx, 0, event(5));
    numbered.resolve();
    await mayCommit.promise;
  });
  await numbered.promise;
  await there.database.transaction((tx) => there.store.insert(tx, 0, event(6)));
  const seen: number[] = [];
  let after = 0;
  const read = async () => {
    const page = await there.events.page({ after });
    if (page.state === 'gone') throw new Error('gone');
    seen.push(...page.events.map(({ user_id }) => Number(user_id)));
    after = page.next;
  };
  for (let i = 0; i < 5; i++) await read();
  assert.deepEqual(seen, [], '6 waits for 5');
  // Another process that began to look only now knows it too.
  assert.equal(await here.events.newest(), 0);
  mayCommit.resolve();
  await slow;
  await read();
  assert.deepEqual(seen, [5, 6]);
});

test('PostgreSQL: a steady stream of new transactions does not delay events', async (t) => {
  const { here, there } = await openPair(t, await newPostgresDatabase(t));
  const begin = (userId: number) => {
    const numbered = Promise.withResolvers<void>();
    const mayCommit = Promise.withResolvers<void>();
    const done = here.database.transaction(async (tx) => {
      await here.store.insert(tx, 0, event(userId));
      numbered.resolve();
      await mayCommit.promise;
    });
    const commit = async (): Promise<void> => {
      mayCommit.resolve();
      await done;
    };
    return { numbered: numbered.promise, commit };
  };
  let open = begin(1);
  await open.numbered;
  for (let i = 2; i < 8; i++) {
    // Never is there a moment without a writer.
    const next = begin(i);
    await next.numbered;
    await there.events.newest();
    await open.commit();
    open = next;
    assert.ok((await there.events.newest()) >= i - 3, `at ${i}`);
  }
  await open.commit();
  assert.equal(await there.events.newest(), 7);
});

test('a busy reader gets the events of two processes exactly once and in order', async (t) => {
  const { here, there } = await openPair(t, await newSharedDatabase(t));
  let isOver = false;
  const reading = readAll(there.events, () => isOver);
  const ids = Array.from({ length: 300 }, (_, i) => i + 1);
  const left = ids.values();
  const writer = async ({ database, store }: typeof here) => {
    for (const id of left)
      await database.transaction(async (tx) => {
        await store.insert(tx, 0, event(id));
        // Takes a number first, and commits last.
        if (id % 3 === 0)
          for (let i = 0; i < 5; i++)
            await store.insert(tx, 0, { ...event(0), event: 'admin.login' });
      });
  };
  await Promise.all(Array.from({ length: 4 }, () => [writer(here), writer(there)]).flat());
  isOver = true;
  const seen = await reading;
  assert.deepEqual(
    ids.filter((id) => !seen.includes(id)),
    [],
  );
  assert.equal(seen.length, ids.length);
});

test('numbers are settled once all writers of that moment have ended', () => {
  const settle = createSettled();
  assert.equal(settle({ head: 6, writers: ['a'] }), 0);
  assert.equal(settle({ head: 7, writers: ['a', 'b'] }), 0);
  assert.equal(settle({ head: 9, writers: ['b', 'c'] }), 6, 'a has ended');
  assert.equal(settle({ head: 9, writers: ['c'] }), 6, 'c wrote at 9');
  assert.equal(settle({ head: 9, writers: ['d'] }), 9);
  assert.equal(settle({ head: 12, writers: [] }), 12);
});
