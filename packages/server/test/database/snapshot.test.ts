/** Requests that arrive together share a snapshot; no client can notice. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { MessageChannel } from 'node:worker_threads';
import { openDatabase } from '../../src/database/open.ts';
import { workDirectory } from '../support/process.ts';

async function openFile(t: TestContext) {
  const path = `${await workDirectory(t)}/gatepass.db`;
  const url = `sqlite:${path}`;
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
  const elsewhere = new DatabaseSync(path);
  t.after(() => elsewhere.close());
  const update = elsewhere.prepare('UPDATE users SET email = ?');
  /** Committed when it returns. */
  const writeElsewhere = (email: string) => void update.run(email);
  return { here, open, writeElsewhere };
}

test('a caller that waited for a commit of this process reads it, even if others keep reading', async (t) => {
  const { here } = await openFile(t);
  for (let round = 0; round < 200; round++) {
    const written = here.write(`round ${round}`);
    // In the turn of the commit itself, before and after it.
    const readers = Array.from({ length: 3 }, async () => {
      for (let turn = 0; turn < 3; turn++) {
        here.database.shareReads();
        await here.read();
        await nextTurn();
      }
    });
    await written;
    assert.equal(await here.read(), `round ${round}`);
    await Promise.all(readers);
  }
});

test('reads of requests that arrive together share a snapshot, which ends with their turn', async (t) => {
  const { here, writeElsewhere } = await openFile(t);
  here.database.shareReads();
  assert.equal(await here.read(), 'old');
  writeElsewhere('new');
  assert.equal(await here.read(), 'old');
  await nextTurn();
  assert.equal(await here.read(), 'new');
});

test('reads beside requests see every commit of another process before them', async (t) => {
  const { here, writeElsewhere } = await openFile(t);
  for (let round = 0; round < 10; round++) {
    await here.read();
    writeElsewhere(`round ${round}`);
    assert.equal(await here.read(), `round ${round}`);
  }
});

/** The phases of the event loop in which work reads that no request of this turn asked for. */
const phases = {
  'an immediate': (work: () => void) => setImmediate(work),
  'a timer': (work: () => void) => setTimeout(work, 1),
};

for (const [phase, run] of Object.entries(phases))
  test(`a request sees what its client knew when it sent it, after a read in ${phase}`, async (t) => {
    const { here, writeElsewhere } = await openFile(t);
    const { port1: client, port2: server } = new MessageChannel();
    t.after(() => client.close());
    for (let round = 0; round < 20; round++) {
      const arrived = once(server, 'message').then(() => {
        here.database.shareReads();
        return here.read();
      });
      run(async () => {
        await here.read();
        writeElsewhere(`round ${round}`);
        client.postMessage('a request');
      });
      assert.equal(await arrived, `round ${round}`);
    }
  });

test('a failed read leaves no snapshot open', async (t) => {
  const { here } = await openFile(t);
  const { database } = here;
  const broken = database.prepare<{ id: number }>(
    database.db.selectFrom('users').select('id').where('id', '=', 0).compile(),
  );
  here.database.shareReads();
  await assert.rejects(broken.read(Symbol('no value')));
  await here.write('new');
  assert.equal(await here.read(), 'new');
});

test('closing in the turn of a read does not fail', async (t) => {
  const { open } = await openFile(t);
  const { database, read } = open();
  database.shareReads();
  assert.equal(await read(), 'old');
  await database.close();
  await nextTurn();
  await assert.rejects(read());
});
