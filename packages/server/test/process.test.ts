/** Promises that only real processes can keep: clean stops, crashes, several starts at once. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { openDatabase } from '../src/database/open.ts';
import { runCommand } from './support/command.ts';
import { databaseOf } from './support/databases.ts';
import { startNode } from './support/node.ts';
import {
  BIN,
  environmentOf,
  post,
  SOURCE_BIN,
  startProcess,
  workDirectory,
} from './support/process.ts';
import { takenPort } from './support/taken-port.ts';
import { until } from './support/until.ts';

const PASSWORD = 'correct horse 9 battery';
const run = promisify(execFile);

/** A registration whose head the server has read; its body follows with `finish`. */
async function beginRegistration(url: string, email: string) {
  const body = JSON.stringify({ email, password: PASSWORD });
  const sent = request(`${url}/api/users`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'content-length': body.length,
      expect: '100-continue',
    },
  });
  const answered = once(sent, 'response').then(([response]) => {
    response.resume();
    return response.statusCode;
  });
  sent.flushHeaders();
  await once(sent, 'continue');
  return { answered, finish: () => sent.end(body) };
}

test('on SIGTERM every accepted request gets its response, then the exit code is 0', async (t) => {
  const server = await startProcess(t, await workDirectory(t), {}, SOURCE_BIN);
  const begun = await Promise.all(
    Array.from({ length: 12 }, (_, i) => beginRegistration(server.url, `user${i}@example.com`)),
  );
  for (const { finish } of begun) finish();
  await Promise.race(begun.map(({ answered }) => answered));
  server.child.kill('SIGTERM');
  const statuses = await Promise.all(begun.map(({ answered }) => answered));
  assert.ok(statuses.includes(201));
  // A busy machine may have no time for a password; it says so.
  for (const status of statuses) assert.ok(status === 201 || status === 503, `${status}`);
  assert.equal(await server.exited, 0);
  assert.match(server.log.at(-1) ?? '', /"stopped"/);
});

test('an acknowledged registration survives kill -9', async (t) => {
  const directory = await workDirectory(t);
  const acknowledged: string[] = [];
  let count = 0;
  for (let round = 0; round < 2; round++) {
    const server = await startProcess(t, directory);
    const client = async () => {
      for (;;) {
        const email = `user${count++}@example.com`;
        const answer = await post(server.url, '/api/users', { email, password: PASSWORD });
        if (!answer) return;
        if (answer.status === 201) acknowledged.push(email);
      }
    };
    const clients = [client(), client(), client(), client()];
    const before = acknowledged.length;
    await until('some are answered', () => acknowledged.length >= before + 4, 5);
    await sleep(7 * round);
    server.child.kill('SIGKILL');
    await Promise.all(clients);
    assert.equal(await server.exited, 'SIGKILL');
  }
  const { url } = await startNode(t, directory);
  for (const email of acknowledged.slice(0, 3)) {
    const answer = await post(url, '/api/token', { email, password: PASSWORD });
    assert.equal(answer?.status, 200, email);
  }
  const database = openDatabase(await databaseOf(directory));
  t.after(() => database.close());
  const rows = await database.db.selectFrom('users').select('email').execute();
  const stored = new Set(rows.map(({ email }) => email));
  assert.deepEqual(
    acknowledged.filter((email) => !stored.has(email)),
    [],
  );
  assert.deepEqual(await database.check(), []);
});

test('three servers starting at once on no database share one schema and one signing key', async (t) => {
  const directory = await workDirectory(t);
  const servers = await Promise.all(Array.from({ length: 3 }, () => startProcess(t, directory)));
  const [first] = servers;
  assert.ok(first);
  await post(first.url, '/api/users', { email: 'a@example.com', password: PASSWORD });
  const pair = await post(first.url, '/api/token', { email: 'a@example.com', password: PASSWORD });
  for (const { url } of servers) {
    const verified = await post(url, '/api/token/verify', { token: pair?.body['access'] });
    assert.equal(verified?.status, 200);
  }
});

test('the command line works beside a running server and takes effect at once', async (t) => {
  const directory = await workDirectory(t);
  const { url } = await startProcess(t, directory);
  const gatepass = async (args: string[], stdin = '') =>
    assert.equal((await runCommand(directory, args, stdin)).code, 0);
  const credentials = { email: 'a@example.com', password: PASSWORD };
  await gatepass(['user', 'create', credentials.email], PASSWORD);
  const pair = await post(url, '/api/token', credentials);
  const refresh = () => post(url, '/api/token/refresh', { refresh: pair?.body['refresh'] });
  assert.equal((await refresh())?.status, 200);

  await gatepass(['user', 'disable', credentials.email]);
  assert.equal((await refresh())?.body['reason'], 'user_inactive');
  assert.equal((await post(url, '/api/token', credentials))?.status, 401);

  await gatepass(['user', 'enable', credentials.email]);
  await gatepass(['user', 'set-password', credentials.email], 'granite otter parade 41');
  assert.equal((await refresh())?.body['reason'], 'revoked');

  await gatepass(['user', 'delete', credentials.email]);
  assert.equal((await refresh())?.body['reason'], 'revoked');
});

test('a server refuses a database written by a newer version', async (t) => {
  const directory = await workDirectory(t);
  await mkdir(join(directory, 'data'));
  const database = openDatabase(await databaseOf(directory));
  await database.migrate();
  await database.transaction(({ db }) =>
    db
      .insertInto('gatepass_migration')
      .values({ name: '999-from-the-future', ran_at: 0 })
      .execute(),
  );
  await database.close();
  const { code, stderr } = await runCommand(directory, ['serve'], '', { GATEPASS_PORT: '0' });
  assert.equal(code, 5);
  assert.match(stderr, /written by a newer version/);
});

test('a taken port is reported in one sentence with exit code 1', async (t) => {
  const directory = await workDirectory(t);
  const port = await takenPort(t);
  const command = run(process.execPath, [BIN, 'serve'], {
    cwd: directory,
    env: await environmentOf(directory, { GATEPASS_PORT: port }),
  });
  await assert.rejects(command, (error: { code: number; stderr: string }) => {
    assert.equal(error.code, 1);
    assert.equal(
      error.stderr,
      `Port ${port} is taken. Stop the program that listens there, or set GATEPASS_PORT to another port.\n`,
    );
    return true;
  });
});
