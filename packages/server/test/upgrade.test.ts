/** An older version goes on beside a newer one, whose migrations it does not know. */
import assert from 'node:assert/strict';
import { cp, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { TABLE_NAMES } from '../src/backup/tables.ts';
import { ALIVE, DEAD, logIn, register, statuses } from './backup/support/place.ts';
import { runCommand } from './support/command.ts';
import { post, type Server, startProcess, workDirectory } from './support/process.ts';
import { SECRET } from './support/service.ts';

const ROOT = join(import.meta.dirname, '../../..');
const TOMORROW = '999-of-tomorrow';
const MIGRATIONS = 'const migrations: Readonly<Record<string, Migration>> = {';

/** This very program, with one more migration: a column in each table, and another table. */
async function buildNewer(directory: string): Promise<string> {
  const server = join(directory, 'newer/packages/server');
  await mkdir(server, { recursive: true });
  for (const name of ['bin', 'src', 'package.json'])
    await cp(join(ROOT, 'packages/server', name), join(server, name), { recursive: true });
  const modules = join(directory, 'newer/node_modules');
  await mkdir(modules);
  for (const name of await readdir(join(ROOT, 'node_modules')))
    await symlink(join(ROOT, 'node_modules', name), join(modules, name));
  const list = join(server, 'src/database/migrations.ts');
  const text = await readFile(list, 'utf8');
  const newer = text.replace(
    MIGRATIONS,
    `${MIGRATIONS}
  '${TOMORROW}': {
    async up(db: Db) {
      for (const table of ${JSON.stringify(TABLE_NAMES)})
        await db.schema.alterTable(table).addColumn('of_tomorrow', 'bigint').execute();
      await db.schema.createTable('of_tomorrow').addColumn('id', 'bigint').execute();
    },
  },`,
  );
  assert.notEqual(newer, text);
  await writeFile(list, newer);
  return join(server, 'bin/gatepass.js');
}

async function comesTrue(what: string, isTrue: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 60_000; !(await isTrue()); await sleep(20))
    assert.ok(Date.now() < deadline, `not within a minute: ${what}`);
}

const logOut = async ({ url }: Server, refresh: string) =>
  assert.equal((await post(url, '/api/token/blacklist', { refresh }))?.status, 200);
const refuses = ({ url }: Server, token: string) =>
  comesTrue('the other node honours the logout', async () => {
    return (await post(url, '/api/token/verify', { token }))?.status === 401;
  });

test('an older server keeps serving beside a newer one and its migrations, and a second older one does not start', async (t) => {
  const directory = await workDirectory(t);
  const env = { GATEPASS_SECRET: SECRET, GATEPASS_ROTATE_REFRESH_TOKENS: 'true' };
  const older = await startProcess(t, directory, env);
  await register(older, 'before@example.com');
  const before = await logIn(older, 'before@example.com');
  const others = [
    await logIn(older, 'before@example.com'),
    await logIn(older, 'before@example.com'),
  ];

  const newer = await startProcess(t, directory, env, await buildNewer(directory));
  for (const server of [older, newer]) {
    assert.equal((await fetch(`${server.url}/readyz`)).status, 200);
    const email = `beside-${server === older ? 'older' : 'newer'}@example.com`;
    await register(server, email);
    assert.deepEqual(await statuses(server, await logIn(server, email)), ALIVE);
    const found = await runCommand(directory, ['user', 'show', email, '--json']);
    assert.equal(found.code, 5, 'an older command does not start either');
  }
  // A token of the older one is rotated by the newer one, and the successor by the older.
  const next = await post(newer.url, '/api/token/refresh', { refresh: before.refresh });
  assert.equal(next?.status, 200);
  const last = await post(older.url, '/api/token/refresh', { refresh: next?.body['refresh'] });
  assert.equal(last?.status, 200);
  for (const [one, other, pair] of [
    [older, newer, others[0]],
    [newer, older, others[1]],
  ] as const) {
    await logOut(one, pair?.refresh ?? '');
    await refuses(other, pair?.access ?? '');
    assert.deepEqual(await statuses(other, pair ?? before), DEAD);
  }

  const second = startProcess(t, directory, env);
  await assert.rejects(second, /the server exited with 5/);
  // Neither notices that it was tried.
  await logIn(older, 'before@example.com');
  await older.stop();
  await logIn(newer, 'beside-older@example.com');
  await newer.stop();
});
