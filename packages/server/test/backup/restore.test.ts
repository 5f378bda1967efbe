/** A restored backup brings accounts back and voids tokens (ST18). */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { prepareRestore } from '../../src/backup/restore.ts';
import { systemClock as clock } from '../../src/clock.ts';
import { claimFile } from '../../src/database/sqlite/file.ts';
import { runGatepass } from '../support/command.ts';
import type { Running } from '../support/node.ts';
import { post } from '../support/process.ts';
import { claimsOf, forge } from '../support/service.ts';
import { until } from '../support/until.ts';
import { ALIVE, createPlace, DEAD, logIn, register, statuses } from './support/place.ts';

const goneBy = (access: string) => async (url: string) =>
  (await post(url, '/api/token/verify', { token: access }))?.body['reason'];

for (const rotates of ['false', 'true']) {
  test(`ST18 a restore voids every earlier token, rotation ${rotates}`, async (t: TestContext) => {
    const place = await createPlace(t, {
      GATEPASS_ROTATE_REFRESH_TOKENS: rotates,
      GATEPASS_ACCEPT_SESSIONLESS_TOKENS: 'true',
    });
    let server = await place.start();
    await register(server, 'early@example.com');
    const untouched = await logIn(server, 'early@example.com');
    const loggedOutLater = await logIn(server, 'early@example.com');
    const spentLater = await logIn(server, 'early@example.com');
    const now = Math.floor(Date.now() / 1000);
    const common = { iat: now, exp: now + 3600, user_id: 1 };
    const sessionless = {
      access: forge({ payload: { token_type: 'access', jti: 'a'.repeat(32), ...common } }),
      refresh: forge({ payload: { token_type: 'refresh', jti: 'b'.repeat(32), ...common } }),
    };

    const backup = `${place.directory}/monday.db`;
    const made = await place.json('db', 'backup', backup);
    assert.equal(made.rows.users, 1);
    assert.equal((await stat(backup)).mode & 0o777, 0o600);

    const late = await register(server, 'late@example.com');
    const openedLater = await logIn(server, 'early@example.com');
    const openedAndEndedLater = await logIn(server, 'early@example.com');
    for (const { refresh } of [loggedOutLater, openedAndEndedLater, sessionless])
      assert.equal((await post(server.url, '/api/token/blacklist', { refresh }))?.status, 200);
    await post(server.url, '/api/token/refresh', { refresh: spentLater.refresh });
    assert.deepEqual(await statuses(server, untouched), ALIVE);
    await server.stop();

    const restored = await place.json('db', 'restore', backup, '--yes');
    assert.equal(restored.restored, true);
    assert.equal((await stat(place.database)).mode & 0o777, 0o600);
    assert.equal((await stat(`${place.directory}/${restored.former}`)).mode & 0o777, 0o600);
    server = await place.start();
    for (const pair of [
      untouched,
      loggedOutLater,
      spentLater,
      openedLater,
      openedAndEndedLater,
      sessionless,
    ])
      assert.deepEqual(await statuses(server, pair), DEAD);
    assert.equal(await goneBy(openedLater.access)(server.url), 'revoked');

    const again = await logIn(server, 'early@example.com');
    assert.deepEqual(await statuses(server, again), ALIVE);
    assert.equal((await post(server.url, '/api/token', login('late@example.com')))?.status, 401);
    assert.ok((await register(server, 'next@example.com')) > late, 'an id was given twice');

    const feed = await fetch(`${server.url}/api/revocations`);
    const { revocations } = (await feed.json()) as { revocations: Record<string, unknown>[] };
    assert.equal(revocations.length, 1);
    assert.equal(revocations[0]?.['all'], true);
    const cutoff = Number(revocations[0]?.['issued_before']);
    assert.ok(cutoff > Number(claimsOf(openedAndEndedLater.access)['iat']));
    assert.ok(cutoff <= Number(claimsOf(again.access)['iat']));
    const events = await place.run('audit', 'list', '--event', 'restore', '--json');
    const event = JSON.parse(events.stdout);
    assert.equal(event.actor, 'operator');
    assert.equal(event.details.backup_of, Date.parse(made.made_at));
    assert.equal(event.details.count, 3);
    assert.match((await place.run('db', 'check')).stdout, /is sound/);
  });
}

const login = (email: string) => ({ email, password: 'correct horse 9 battery' });

test('if the database that knew the ids is lost, ids that it may have assigned are skipped', async (t) => {
  const place = await createPlace(t);
  const server = await place.start();
  assert.equal(await register(server, 'one@example.com'), 1);
  await server.stop();
  const backup = `${place.directory}/backup.db`;
  await place.json('db', 'backup', backup);

  const elsewhere = await createPlace(t);
  const { present, former } = await elsewhere.json('db', 'restore', backup, '--yes');
  assert.deepEqual([present.state, former], ['none', null]);
  const other = await elsewhere.start();
  assert.deepEqual(await statuses(other, await logIn(other, 'one@example.com')), ALIVE);
  assert.ok((await register(other, 'two@example.com')) > 1_000_000);
  await other.stop();

  // This one has accounts of its own, of another installation.
  const third = await createPlace(t);
  const busy = await third.start();
  await register(busy, 'mine@example.com');
  await busy.stop();
  const refused = await third.run('db', 'restore', backup, '--yes');
  assert.equal(refused.code, 4);
  assert.match(refused.stderr, /another installation.*holds 1 account\b.*--force/);
  assert.equal((await third.json('db', 'restore', backup, '--yes', '--force')).restored, true);
});

/** Whether another process has a file open. Linux tells; elsewhere there is nothing to wait for. */
function isOpenElsewhere(path: string): boolean {
  if (!existsSync('/proc/self/fd')) return true;
  const others = readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && +pid !== process.pid);
  const isIn = (directory: string) => (fd: string) => readlinkSync(`${directory}/${fd}`) === path;
  return others.some((pid) => {
    try {
      return readdirSync(`/proc/${pid}/fd`).some(isIn(`/proc/${pid}/fd`));
    } catch {
      // Another user's process, or one that has just ended.
      return false;
    }
  });
}

test('a server that starts during a restore serves the restored database', async (t) => {
  const place = await createPlace(t);
  let server: Running = await place.start();
  await register(server, 'kept@example.com');
  const backup = `${place.directory}/backup.db`;
  await place.json('db', 'backup', backup);
  await register(server, 'undone@example.com');
  await server.stop();

  const restore = await prepareRestore(backup, place.database, {
    force: false,
    clock,
    sleep,
    onProgress: () => {},
  });
  t.after(restore.release);
  const starting = place.startProcess();
  await until('the new server waits', () => isOpenElsewhere(place.database));
  await restore.carryOut(async () => ({ cutoff: 0 }));
  await restore.release();
  server = await starting;
  await logIn(server, 'kept@example.com');
  assert.equal((await post(server.url, '/api/token', login('undone@example.com')))?.status, 401);
  const written = await register(server, 'after@example.com');
  await server.stop();
  const { stdout } = await place.run('user', 'show', 'after@example.com', '--json');
  assert.equal(JSON.parse(stdout).id, written, 'it was written into the file that was replaced');
});

test('a file is claimed only if no program has it open, and then none can open it', async (t) => {
  const place = await createPlace(t);
  const server = await place.startProcess();
  assert.equal(claimFile(place.database), 'in use');
  await server.stop();
  const claim = claimFile(place.database);
  assert.notEqual(claim, 'in use');
  const { code, stderr } = await runGatepass(place.directory, ['user', 'list']);
  assert.equal(code, 5, stderr);
  if (claim !== 'in use') claim.release();
  assert.equal((await place.run('user', 'list')).code, 0);
});
