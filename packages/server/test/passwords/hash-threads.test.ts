/** The threads that hash: their priority, their death, and that nothing else waits for them. */
import assert from 'node:assert/strict';
import { lookup } from 'node:dns/promises';
import { readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { type TestContext, test } from 'node:test';
import { isRefusal } from '../../src/errors.ts';
import { createHashThread } from '../../src/passwords/hash-thread.ts';
import { createPasswordHasher } from '../../src/passwords/hasher.ts';
import { until } from '../support/until.ts';

const COST = { memoryKiB: 19_456, passes: 2, parallelism: 1 };
const ME = { network: '192.0.2.1' };
const PASSWORD = 'correct horse 9 battery';

function startHasher(t: TestContext, options: object = {}) {
  const hasher = createPasswordHasher({ cost: COST, ...options });
  t.after(() => hasher.close());
  return hasher;
}

test('a hash matches its own password only', async (t) => {
  const unreadable: unknown[] = [];
  const hasher = startHasher(t, { onUnreadable: (error: unknown) => unreadable.push(error) });
  const stored = await hasher.hash(PASSWORD, ME);
  assert.match(stored, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
  assert.equal(await hasher.verify(stored, [PASSWORD], ME), true);
  assert.equal(await hasher.verify(stored, [`${PASSWORD} `], ME), false);
  assert.equal(await hasher.verify(undefined, [PASSWORD], ME), false);
  assert.deepEqual(unreadable, []);
  assert.equal(await hasher.verify('md5$nothing', [PASSWORD], ME), false);
  assert.equal(await hasher.verify(stored.slice(0, 40), [PASSWORD], ME), false);
  assert.equal(unreadable.length, 2);
  assert.ok(!String(unreadable).includes('md5$nothing'));
});

test('only a hash of other costs is renewed', async (t) => {
  const older = startHasher(t);
  const newer = startHasher(t, { cost: { memoryKiB: 47_104, passes: 1, parallelism: 1 } });
  const stored = await older.hash(PASSWORD, ME);
  assert.equal(await older.renew(stored, PASSWORD, ME), undefined);
  assert.match((await newer.renew(stored, PASSWORD, ME)) ?? '', /\$m=47104,t=1,p=1\$/);
});

/** The nice value of every thread of this process, by its id. */
function niceValues(): number[] {
  return readdirSync('/proc/self/task').flatMap((id) => {
    try {
      const stat = readFileSync(`/proc/self/task/${id}/stat`, 'utf8');
      return [Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16])];
    } catch {
      return [];
    }
  });
}

const LOW = 10;
const isLinux = process.platform === 'linux';

test('on Linux only hashing threads have a low priority', {
  skip: isLinux ? false : 'is about Linux alone',
}, async (t) => {
  await until('threads of earlier tests have ended', () => !niceValues().includes(LOW));
  const own = niceValues();
  const thread = createHashThread();
  t.after(() => thread.stop());
  await thread.run({ kind: 'hash', password: PASSWORD, cost: COST });
  const nice = niceValues().toSorted((a, b) => a - b);
  assert.equal(nice.filter((each) => each === LOW).length, 1, String(nice));
  assert.equal(nice[0], own.toSorted((a, b) => a - b)[0]);
});

test('OV05 DNS and files work while all hashing slots are taken', async (t) => {
  const hasher = startHasher(t);
  let isOver = false;
  const flood = Promise.allSettled(
    Array.from({ length: 80 }, (_, n) => hasher.verify(undefined, ['x'], { network: String(n) })),
  ).then(() => {
    isOver = true;
  });
  for (let i = 0; i < 5; i++) {
    await lookup('localhost');
    await readFile(import.meta.filename);
  }
  assert.ok(!isOver, 'they waited for the flood');
  await flood;
  assert.equal(hasher.stats().waiting, 0);
  assert.equal(hasher.stats().running, 0);
});

test('a dying thread affects its own job only, and the next job gets a new thread', async (t) => {
  const thread = createHashThread();
  t.after(() => thread.stop());
  await assert.rejects(thread.run(undefined as never), TypeError);
  const done = await thread.run({ kind: 'hash', password: PASSWORD, cost: COST });
  assert.equal(done.kind, 'hash');
});

test('a job whose thread died is repeated once, then fails with 503', async (t) => {
  const lost: unknown[] = [];
  let deaths = 1;
  const real = createHashThread();
  const hasher = startHasher(t, {
    onThreadLost: (error: unknown) => lost.push(error),
    createThread: () => ({
      run: (job: never) => (deaths-- > 0 ? Promise.reject(new Error('died')) : real.run(job)),
      stop: real.stop,
    }),
  });
  assert.match(await hasher.hash(PASSWORD, ME), /^\$argon2id/);
  assert.equal(lost.length, 1);
  deaths = 2;
  await assert.rejects(hasher.hash(PASSWORD, ME), (error) => isRefusal(error, 'unavailable'));
  assert.match(await hasher.hash(PASSWORD, ME), /^\$argon2id/, 'and the service goes on');
});

test('a closed hasher hashes nothing and starts no thread', async () => {
  const hasher = createPasswordHasher({ cost: COST });
  await hasher.hash(PASSWORD, ME);
  hasher.close();
  await assert.rejects(hasher.hash(PASSWORD, ME));
});
