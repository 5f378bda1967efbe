/** A backup fills an empty PostgreSQL: everything or nothing, and voids tokens (ST18). */
import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import { type TestContext, test } from 'node:test';
import { ALIVE, DEAD, logIn, register, statuses } from '../backup/support/place.ts';
import { runCommand } from '../support/command.ts';
import { newPostgresDatabase, queryAt } from '../support/databases.ts';
import { startNode } from '../support/node.ts';
import { post, workDirectory } from '../support/process.ts';

async function createSite(t: TestContext, source: string, rotates = 'false') {
  const directory = await workDirectory(t);
  const live =
    source === 'SQLite'
      ? `sqlite:${directory}/live.db`
      : await newPostgresDatabase(t, { isEmpty: true });
  return {
    backup: `${directory}/backup.db`,
    serve: (url = live) =>
      startNode(t, directory, {
        GATEPASS_DATABASE_URL: url,
        GATEPASS_ROTATE_REFRESH_TOKENS: rotates,
      }),
    run: (args: string[], url = live) =>
      runCommand(directory, args, '', { GATEPASS_DATABASE_URL: url }),
  };
}

for (const [source, rotates] of [
  ['SQLite', 'true'],
  ['PostgreSQL', 'false'],
] as const)
  test(`ST18 a backup of ${source} is restored into PostgreSQL, rotation ${rotates}`, async (t) => {
    const { backup, serve, run } = await createSite(t, source, rotates);
    const target = await newPostgresDatabase(t, { isEmpty: true });
    let server = await serve();
    await register(server, 'early@example.com');
    const untouched = await logIn(server, 'early@example.com');
    const endedLater = await logIn(server, 'early@example.com');
    const spentLater = await logIn(server, 'early@example.com');
    // Beside the running server.
    const made = await run(['db', 'backup', backup]);
    assert.equal(made.code, 0, made.stderr);
    assert.equal((await stat(backup)).mode & 0o777, 0o600);
    await register(server, 'late@example.com');
    const openedLater = await logIn(server, 'early@example.com');
    await post(server.url, '/api/token/blacklist', { refresh: endedLater.refresh });
    await post(server.url, '/api/token/refresh', { refresh: spentLater.refresh });
    assert.deepEqual(await statuses(server, untouched), ALIVE);
    await server.stop();

    const restored = await run(['db', 'restore', backup, '--to', target, '--yes', '--json']);
    assert.equal(restored.code, 0, restored.stderr);
    const result = JSON.parse(restored.stdout);
    assert.deepEqual([result.restored, result.rows.users, result.former], [true, 1, null]);
    assert.match(result.to, /^PostgreSQL /);

    server = await serve(target);
    for (const pair of [untouched, endedLater, spentLater, openedLater])
      assert.deepEqual(await statuses(server, pair), DEAD);
    const gone = await post(server.url, '/api/token/verify', { token: openedLater.access });
    assert.equal(gone?.body['reason'], 'revoked');
    assert.deepEqual(await statuses(server, await logIn(server, 'early@example.com')), ALIVE);
    assert.ok((await register(server, 'next@example.com')) > 1_000_000, 'an id was given twice');
    const events = await run(['audit', 'list', '--event', 'restore', '--json'], target);
    const event = JSON.parse(events.stdout);
    assert.deepEqual([event.actor, event.details.count], ['operator', 3]);
    assert.match((await run(['db', 'check'], target)).stdout, /is sound/);
    await server.stop();
  });

test('a dry run, a target in use and a failure half-way change nothing', async (t) => {
  const { backup, serve, run } = await createSite(t, 'SQLite');
  const server = await serve();
  await register(server, 'one@example.com');
  await logIn(server, 'one@example.com');
  await server.stop();
  assert.equal((await run(['db', 'backup', backup])).code, 0);
  const restore = (to: string, ...more: string[]) =>
    run(['db', 'restore', backup, '--to', to, '--yes', ...more]);

  const bare = await newPostgresDatabase(t, { isEmpty: true });
  const tried = await restore(bare, '--dry-run');
  assert.equal(tried.code, 0, tried.stderr);
  assert.match(tried.stdout, /holds 1 account\. PostgreSQL .* is empty\. Nothing was changed\./);
  const tables = "select 1 from information_schema.tables where table_schema = 'public'";
  assert.deepEqual(await queryAt(bare, tables), []);

  // Accounts and sessions are sent before these.
  const faulty = await newPostgresDatabase(t);
  await queryAt(
    faulty,
    `create function fail() returns trigger as $$ begin raise 'planted'; end $$ language plpgsql;
     create trigger fail before insert on audit_events execute function fail()`,
  );
  const failed = await restore(faulty);
  assert.equal(failed.code, 1);
  const counts = `select (select count(*)::int from users) as users,
    (select count(*)::int from revocations) as revocations,
    (select count(*)::int from installation) as installations`;
  assert.deepEqual(await queryAt(faulty, counts), [{ users: 0, revocations: 0, installations: 1 }]);
  await queryAt(faulty, 'drop function fail cascade');
  assert.equal((await restore(faulty)).code, 0);

  const again = await restore(faulty);
  assert.equal(again.code, 4);
  assert.match(again.stderr, /is not empty: there are rows in users/);
  const named = await run(['db', 'restore', backup, '--yes'], faulty);
  assert.equal(named.code, 4, 'GATEPASS_DATABASE_URL is the default');
  const unknown = await restore('mysql://db.example.com/gatepass');
  assert.equal(unknown.code, 2);
  assert.match(unknown.stderr, /names no database that is known/);
});
