/** A live installation moves to another engine and back: every row, every session, every number. */
import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { copyAll } from '../../src/backup/copy.ts';
import { openDatabase } from '../../src/database/open.ts';
import { ALIVE, DEAD, logIn, register, statuses } from '../backup/support/place.ts';
import { runCommand } from '../support/command.ts';
import { newPostgresDatabase } from '../support/databases.ts';
import { startNode } from '../support/node.ts';
import { post, workDirectory } from '../support/process.ts';
import { PASSWORD } from '../support/service.ts';

test('accounts, sessions, keys and ids move from SQLite to PostgreSQL and back', async (t) => {
  const directory = await workDirectory(t);
  const first = `sqlite:${directory}/first.db`;
  const second = await newPostgresDatabase(t, { isEmpty: true });
  const third = `sqlite:${directory}/third.db`;
  const serve = (url: string) => startNode(t, directory, { GATEPASS_DATABASE_URL: url });
  const copy = async (from: string, to: string) => {
    const args = ['db', 'copy', '--from', from, '--to', to, '--json'];
    const { code, stdout, stderr } = await runCommand(directory, args);
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout);
  };

  // The secret is a generated one: it moves too.
  let server = await serve(first);
  await register(server, 'one@example.com');
  const alive = await logIn(server, 'one@example.com');
  const ended = await logIn(server, 'one@example.com');
  await post(server.url, '/api/token/blacklist', { refresh: ended.refresh });
  const gone = await register(server, 'gone@example.com');
  await server.stop();
  const removed = await runCommand(directory, ['user', 'delete', 'gone@example.com'], '', {
    GATEPASS_DATABASE_URL: first,
  });
  assert.equal(removed.code, 0, removed.stderr);

  const there = await copy(first, second);
  assert.deepEqual([there.rows.users, there.rows.sessions, there.rows.installation], [1, 2, 1]);
  server = await serve(second);
  assert.deepEqual(await statuses(server, alive), ALIVE);
  assert.deepEqual(await statuses(server, ended), DEAD);
  const next = await register(server, 'next@example.com');
  assert.ok(next > gone, `${next} was given before`);
  await server.stop();

  const back = await copy(second, third);
  assert.equal(back.rows.users, 2);
  server = await serve(third);
  assert.deepEqual(await statuses(server, alive), ALIVE);
  assert.deepEqual(await statuses(server, ended), DEAD);
  assert.ok((await register(server, 'last@example.com')) > next);
  await server.stop();

  const again = await runCommand(directory, ['db', 'copy', '--from', first, '--to', second]);
  assert.equal(again.code, 4);
  assert.match(again.stderr, /is not empty: there are rows in users/);
});

for (const [what, disturb, says] of [
  ['the source changes meanwhile', 'source', /users of SQLite .* changed while it was copied/],
  ['a row arrives otherwise', 'target', /users differs from the source after copying/],
] as const)
  test(`a copy fails when ${what}`, async (t) => {
    const directory = await workDirectory(t);
    const [source, target] = ['source', 'target'].map((name) =>
      openDatabase(`sqlite:${directory}/${name}.db`),
    ) as [ReturnType<typeof openDatabase>, ReturnType<typeof openDatabase>];
    t.after(() => Promise.all([source.close(), target.close()]));
    await source.migrate();
    const email = 'one@example.com';
    const row = { email, email_canonical: email, password_hash: PASSWORD, is_active: 1 };
    await source.transaction((tx) =>
      tx.db
        .insertInto('users')
        .values({ ...row, created_at: 1, last_login_at: null })
        .execute(),
    );
    let isDisturbed = false;
    const onProgress = (step: string) => {
      if (isDisturbed || step !== (disturb === 'source' ? 'copying' : 'comparing')) return;
      isDisturbed = true;
      const sqlite = new DatabaseSync(`${directory}/${disturb}.db`);
      sqlite.exec('UPDATE users SET is_active = 0');
      sqlite.close();
    };
    await assert.rejects(copyAll(source, target, onProgress), { message: says });
    assert.ok(isDisturbed);
  });
