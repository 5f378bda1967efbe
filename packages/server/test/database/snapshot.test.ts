/** Reads of one turn share a snapshot; no client can notice. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { openDatabase } from '../../src/database/open.ts';
import { workDirectory } from '../support/process.ts';

async function openFile(t: TestContext) {
  const url = `sqlite:${await workDirectory(t)}/gatepass.db`;
  const open = () => {
    const database = openDatabase(url);
    t.after(() => database.close());
    const find = database.prepare<{ email: string }>(
      database.db.selectFrom('users').select('email').where('id', '=', 0).compile(),
    );
    const write = (email: string) =>
      database.transaction(async (tx) => {
        const values = { email_canonical: 'a', password_hash: null, last_login_at: null };
        await tx.db.deleteFrom('users').execute();
        await tx.db
          .insertInto('users')
          .values({ id: 1, email, is_active: 1, created_at: 0, ...values })
          .execute();
      });
    return { database, write, read: async () => (await find.read(1))?.email };
  };
  const here = open();
  await here.database.migrate();
  await here.write('old');
  return { here, open };
}

test('a caller that waited for a commit of this process reads it, even if others keep reading', async (t) => {
  const { here } = await openFile(t);
  for (let round = 0; round < 200; round++) {
    const written = here.write(`round ${round}`);
    // In the turn of the commit itself, before and after it.
    const readers = Array.from({ length: 3 }, async () => {
      for (let turn = 0; turn < 3; turn++) {
        await here.read();
        await nextTurn();
      }
    });
    await written;
    assert.equal(await here.read(), `round ${round}`);
    await Promise.all(readers);
  }
});

test('the reads of one turn see the same state', async (t) => {
  const { here, open } = await openFile(t);
  const other = open();
  assert.equal(await here.read(), 'old');
  const synchronously = other.write('new');
  assert.equal(await here.read(), 'old');
  await synchronously;
});

test('a commit of another process is visible from the next turn on', async (t) => {
  const { here, open } = await openFile(t);
  const other = open();
  for (let round = 0; round < 100; round++) {
    await here.read();
    await other.write(`round ${round}`);
    await nextTurn();
    assert.equal(await here.read(), `round ${round}`);
  }
});

test('a failed read leaves no snapshot open', async (t) => {
  const { here } = await openFile(t);
  const { database } = here;
  const broken = database.prepare<{ id: number }>(
    database.db.selectFrom('users').select('id').where('id', '=', 0).compile(),
  );
  await assert.rejects(broken.read(Symbol('no value')));
  await here.write('new');
  assert.equal(await here.read(), 'new');
});

test('closing in the turn of a read does not fail', async (t) => {
  const { open } = await openFile(t);
  const { database, read } = open();
  assert.equal(await read(), 'old');
  await database.close();
  await nextTurn();
  await assert.rejects(read());
});
