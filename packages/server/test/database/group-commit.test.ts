/** Many transactions, one commit: shared when it succeeds, shared when it fails (I1, I3b). */
import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Kysely } from 'kysely';
import type { Tx } from '../../src/database/database.ts';
import { isDatabaseUnavailable } from '../../src/database/faults.ts';
import { openDatabase } from '../../src/database/open.ts';
import { NodeSqliteDialect } from '../../src/database/sqlite/builder.ts';
import { createGroupCommit } from '../../src/database/sqlite/transaction.ts';
import type { Schema } from '../../src/database/tables/schema.ts';
import { diskFull } from '../sessions/support/faulty.ts';
import { workDirectory } from '../support/process.ts';

async function openCounting(t: TestContext) {
  const path = `${await workDirectory(t)}/gatepass.db`;
  const commits = { count: 0, fail: false, before: () => {} };
  const database = openDatabase(`sqlite:${path}`, {
    beforeCommit: () => {
      commits.count++;
      commits.before();
      if (commits.fail) throw diskFull();
    },
  });
  t.after(() => database.close());
  await database.migrate();
  const emails = async () =>
    (await database.db.selectFrom('users').select('email').orderBy('id').execute()).map(
      ({ email }) => email,
    );
  const insert =
    (email: string) =>
    async (tx: Tx): Promise<string> => {
      await tx.db
        .insertInto('users')
        .values({
          email,
          email_canonical: email,
          password_hash: null,
          is_active: 1,
          created_at: 0,
          last_login_at: null,
        })
        .execute();
      return email;
    };
  return { path, database, commits, emails, insert };
}

const names = (count: number) => Array.from({ length: count }, (_, i) => `user${i}`);

test('jobs that arrive together are committed together, each with its own result', async (t) => {
  const { database, commits, emails, insert } = await openCounting(t);
  const answers = await Promise.all(names(100).map((name) => database.transaction(insert(name))));
  assert.deepEqual(answers, names(100));
  assert.deepEqual(await emails(), names(100));
  assert.equal(commits.count, 1);
});

test('a batch has at most 256 jobs, and the rest follows in order', async (t) => {
  const { database, commits, emails, insert } = await openCounting(t);
  await Promise.all(names(600).map((name) => database.transaction(insert(name))));
  assert.equal(commits.count, 3);
  assert.deepEqual(await emails(), names(600));
});

test('jobs that arrive while a batch runs are in the next one', async (t) => {
  const { database, commits, insert } = await openCounting(t);
  const late: Promise<string>[] = [];
  const first = database.transaction(async (tx) => {
    late.push(database.transaction(insert('b')), database.transaction(insert('c')));
    return insert('a')(tx);
  });
  assert.equal(await first, 'a');
  assert.equal(commits.count, 1);
  assert.deepEqual(await Promise.all(late), ['b', 'c']);
  assert.equal(commits.count, 2);
});

test('a job that fails is rolled back without failing others', async (t) => {
  const { database, commits, emails, insert } = await openCounting(t);
  const jobs = names(10).map((name, i) =>
    database.transaction(async (tx) => {
      await insert(name)(tx);
      if (i === 4) throw new Error('a mistake in the middle');
      if (i === 7) await insert(name)(tx);
      return name;
    }),
  );
  const outcomes = await Promise.allSettled(jobs);
  const failed = outcomes.flatMap(({ status }, i) => (status === 'rejected' ? [i] : []));
  assert.deepEqual(failed, [4, 7]);
  assert.match(String((outcomes[4] as PromiseRejectedResult).reason), /a mistake in the middle/);
  assert.match(String((outcomes[7] as PromiseRejectedResult).reason), /UNIQUE/);
  assert.deepEqual(
    await emails(),
    names(10).filter((_, i) => i !== 4 && i !== 7),
  );
  assert.equal(commits.count, 1);
});

test('I3b a failed commit fails every job, leaves nothing, and no job has resolved before', async (t) => {
  const { database, commits, emails, insert } = await openCounting(t);
  let answered = 0;
  let answeredAtCommit = -1;
  commits.fail = true;
  commits.before = () => {
    answeredAtCommit = answered;
  };
  const jobs = names(10).map((name) =>
    database.transaction(insert(name)).finally(() => {
      answered++;
    }),
  );
  const outcomes = await Promise.allSettled(jobs);
  assert.deepEqual([...new Set(outcomes.map(({ status }) => status))], ['rejected']);
  assert.equal(answeredAtCommit, 0);
  assert.deepEqual(await emails(), []);
  commits.fail = false;
  await database.transaction(insert('later'));
  assert.deepEqual(await emails(), ['later']);
});

test('I1 no job resolves before the commit, and all resolve after it', async (t) => {
  const { database, commits, insert } = await openCounting(t);
  const events: string[] = [];
  commits.before = () => events.push('commit');
  await Promise.all(
    names(3).map((name) => database.transaction(insert(name)).then((done) => events.push(done))),
  );
  assert.deepEqual(events, ['commit', ...names(3)]);
});

test('readers never see uncommitted data, in this process or another', async (t) => {
  const { path, database, commits, emails, insert } = await openCounting(t);
  const outside = new DatabaseSync(path, { readOnly: true });
  t.after(() => outside.close());
  const seen: unknown[] = [];
  const look = () => seen.push(outside.prepare('select count(*) as n from users').get()?.['n']);
  commits.before = look;
  await database.transaction(async (tx) => {
    await insert('a')(tx);
    look();
    seen.push((await emails()).length);
  });
  assert.deepEqual(seen, [0, 0, 0]);
  look();
  assert.equal(seen.at(-1), 1);
});

/** A group commit of its own, on a connection that can be broken. */
async function openBare(t: TestContext) {
  const path = `${await workDirectory(t)}/bare.db`;
  const sqlite = new DatabaseSync(path, { timeout: 0 });
  sqlite.exec('pragma journal_mode = wal; create table t (x)');
  const db = new Kysely<Schema>({ dialect: new NodeSqliteDialect(sqlite) });
  const transaction = createGroupCommit(sqlite, db);
  t.after(() => sqlite.isOpen && sqlite.close());
  return {
    path,
    sqlite,
    write: () => transaction(async () => sqlite.exec('insert into t values (1)')),
  };
}

test('a writer waits for another process without blocking this one', async (t) => {
  const { path, sqlite, write } = await openBare(t);
  const other = new DatabaseSync(path);
  t.after(() => other.close());
  other.exec('begin immediate');
  let isWritten = false;
  const writes = Promise.all([write(), write()]).finally(() => {
    isWritten = true;
  });
  // A writer that waited in SQLite would hold up each of these until it gave up.
  for (let turn = 0; turn < 20; turn++) await sleep(5);
  assert.ok(!isWritten);
  other.exec('rollback');
  await writes;
  assert.equal(sqlite.prepare('select count(*) as n from t').get()?.['n'], 2);
});

test('a closed database fails the caller and not the process', async (t) => {
  const { sqlite, write } = await openBare(t);
  sqlite.close();
  const outcome = await Promise.race([
    write().then(
      () => 'done',
      () => 'rejected',
    ),
    sleep(60_000, 'no answer', { ref: false }),
  ]);
  assert.equal(outcome, 'rejected');
});

test('while another process holds the lock, each write waits five seconds from its own arrival', async (t) => {
  const { path, write } = await openBare(t);
  const other = new DatabaseSync(path);
  t.after(() => other.close());
  other.exec('begin immediate');
  const start = performance.now();
  const refusedAt = await Promise.all(
    Array.from({ length: 800 }, () =>
      write().then(
        () => Number.NaN,
        () => performance.now() - start,
      ),
    ),
  );
  const [first, last] = [Math.min(...refusedAt), Math.max(...refusedAt)];
  // One after the other they would need twice as long at least, however busy the machine is.
  assert.ok(last < 2 * first, `the first after ${first} ms, the last after ${last}`);
  // Those that come later have their own time, and succeed when the lock is free.
  const late = Promise.all(Array.from({ length: 300 }, () => write()));
  other.exec('rollback');
  assert.equal((await late).length, 300);
});

test('writes beyond the bound are refused at once, and the others are committed', async (t) => {
  const { sqlite, write } = await openBare(t);
  const outcomes = await Promise.allSettled(Array.from({ length: 5000 }, () => write()));
  const refused = outcomes.filter(({ status }) => status === 'rejected');
  assert.equal(refused.length, 5000 - 4096);
  assert.ok(refused.every((each) => isDatabaseUnavailable((each as PromiseRejectedResult).reason)));
  assert.equal(sqlite.prepare('select count(*) as n from t').get()?.['n'], 4096);
});
