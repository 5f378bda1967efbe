/** Rotation where things break: restarts and commits that fail (RF09, RF10, I3b). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openDatabase } from '../../src/database/open.ts';
import { databaseOf, newDatabase } from '../support/databases.ts';
import { startNode } from '../support/node.ts';
import { post, startProcess, workDirectory } from '../support/process.ts';
import { PASSWORD } from '../support/service.ts';
import { createRandom, diskFull, startBeside } from './support/faulty.ts';
import { age, generationOf, MINUTE, ROTATING, rowOf, SECOND } from './support/holder.ts';

const CREDENTIALS = { email: 'a@example.com', password: PASSWORD };

test('RF09 after a restart spent tokens are still reuse, and the parent keeps its successor', async (t) => {
  const directory = await workDirectory(t);
  const before = await startProcess(t, directory, ROTATING);
  await post(before.url, '/api/users', CREDENTIALS);
  const database = openDatabase(await databaseOf(directory));
  t.after(() => database.close());
  const chains: string[][] = [];
  for (let i = 0; i < 2; i++) {
    const login = await post(before.url, '/api/token', CREDENTIALS);
    const tokens = [String(login?.body['refresh'])];
    for (let generation = 0; generation < 2; generation++) {
      const answer = await post(before.url, '/api/token/refresh', { refresh: tokens.at(-1) });
      tokens.push(String(answer?.body['refresh']));
      if (generation === 0) await age({ database }, tokens.at(-1) ?? '');
    }
    chains.push(tokens);
  }
  before.child.kill('SIGKILL');
  await before.exited;

  const { url } = await startNode(t, directory, ROTATING);
  const refresh = (token = '') => post(url, '/api/token/refresh', { refresh: token });
  const [reused = [], retried = []] = chains;
  const [first, , newest] = reused;
  assert.equal((await refresh(first))?.body['reason'], 'reused');
  assert.equal((await refresh(newest))?.body['reason'], 'revoked');
  const [, parent, successor] = retried;
  assert.equal((await refresh(parent))?.body['refresh'], successor);
  assert.equal((await refresh(successor))?.body['refresh'], successor, 'RF20');
});

/** A service with an account and a session, whose commits then fail with probability `p`. */
async function startFailing(t: import('node:test').TestContext, p: number) {
  const random = createRandom(310);
  let now = Date.UTC(2026, 0, 2);
  const faults = { p: 0, count: 0 };
  const { url, database } = await startBeside(t, {
    url: await newDatabase(t),
    variables: ROTATING,
    clock: { now: () => now },
    beforeCommit: () => {
      if (random() >= faults.p) return;
      faults.count++;
      throw diskFull();
    },
  });
  await post(url, '/api/users', CREDENTIALS);
  const login = await post(url, '/api/token', CREDENTIALS);
  faults.p = p;
  return {
    url,
    database,
    faults,
    token: String(login?.body['refresh']),
    advance: (milliseconds: number) => {
      now += milliseconds;
    },
  };
}

test('RF10 I3b a failed commit is a 503 that spends nothing, so a retry succeeds, however late', async (t) => {
  const { url, database, faults, token, advance } = await startFailing(t, 0.3);
  let refresh = token;
  for (let generation = 1; generation <= 300; generation++) {
    let answer = await post(url, '/api/token/refresh', { refresh });
    for (let retry = 0; answer?.status === 503; retry++) {
      assert.ok(retry < 20);
      // Later than the window in which a repeated token counts for nothing.
      advance(11 * SECOND);
      answer = await post(url, '/api/token/refresh', { refresh });
    }
    assert.equal(answer?.status, 200, JSON.stringify(answer?.body));
    refresh = String(answer?.body['refresh']);
    assert.equal(generationOf(refresh), generation);
    advance(MINUTE);
  }
  const row = await rowOf({ database }, refresh);
  assert.deepEqual([row?.generation, row?.late_streak, row?.ended_at], [300, 0, null]);
  t.diagnostic(`${faults.count} of ${300 + faults.count} commits failed`);
  assert.ok(faults.count > 60);
});

test('RF10 I3b a reuse that cannot be committed is a 503 and is found again', async (t) => {
  const { url, faults, token, advance } = await startFailing(t, 0);
  const refresh = (presented: string) => post(url, '/api/token/refresh', { refresh: presented });
  const second = await refresh(token);
  advance(10 * SECOND);
  const third = await refresh(String(second?.body['refresh']));
  faults.p = 1;
  assert.equal((await refresh(token))?.status, 503);
  const verify = () => post(url, '/api/token/verify', { token: third?.body['access'] });
  assert.equal((await verify())?.status, 200, 'what was not committed is not in memory either');
  faults.p = 0;
  assert.equal((await refresh(token))?.body['reason'], 'reused');
  assert.equal((await verify())?.status, 401);
});

test('a logout whose commit fails is a 503 without effect, and the next one succeeds', async (t) => {
  const { url, faults, token } = await startFailing(t, 1);
  const logOut = () => post(url, '/api/token/blacklist', { refresh: token });
  const verify = () => post(url, '/api/token/verify', { token });
  assert.equal((await logOut())?.status, 503);
  assert.equal((await verify())?.status, 200);
  faults.p = 0;
  assert.equal((await logOut())?.status, 200);
  assert.equal((await verify())?.status, 401);
});
