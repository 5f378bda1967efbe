/** Starts that cannot succeed end within seconds, with one line and the right exit code. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { openDatabase } from '../src/database/open.ts';
import { SQLITE_ONLY, workDirectory } from './support/databases.ts';
import { childrenOf, startServe } from './support/starting.ts';
import { until } from './support/until.ts';

async function takenPort(t: TestContext): Promise<string> {
  const other = createServer().listen(0, '127.0.0.1');
  t.after(() => other.close());
  await once(other, 'listening');
  return String((other.address() as AddressInfo).port);
}

for (const workers of ['1', '2'])
  test(`a taken port with metrics on is reported in one sentence with exit code 1 (GATEPASS_WORKERS=${workers})`, async (t) => {
    const port = await takenPort(t);
    const server = await startServe(t, await workDirectory(t), {
      GATEPASS_PORT: port,
      GATEPASS_METRICS_PORT: '0',
      GATEPASS_WORKERS: workers,
    });
    assert.equal(await server.ended(), 1);
    assert.equal(
      server.stderr(),
      `Port ${port} is taken. Stop the program that listens there, or set GATEPASS_PORT to another port.\n`,
    );
    assert.doesNotMatch(server.stdout(), /"level":"(?:error|fatal)"/);
  });

test('a metrics port that is taken, or is the port of the service, is reported', async (t) => {
  const port = await takenPort(t);
  const directory = await workDirectory(t);
  const taken = await startServe(t, directory, { GATEPASS_METRICS_PORT: port });
  assert.equal(await taken.ended(), 1);
  assert.match(
    taken.stderr(),
    /^The metrics listener failed: [^\n]*EADDRINUSE[^\n]* GATEPASS_METRICS_PORT [^\n]*\n$/,
  );
  const same = { GATEPASS_PORT: '8123', GATEPASS_METRICS_PORT: '8123' };
  const equal = await startServe(t, directory, same);
  assert.equal(await equal.ended(), 2);
  assert.match(equal.stderr(), /GATEPASS_METRICS_PORT must not be the same as GATEPASS_PORT/);
});

test('a host that is not an address of this machine is reported', async (t) => {
  const server = await startServe(t, await workDirectory(t), { GATEPASS_HOST: '192.0.2.7' });
  assert.equal(await server.ended(), 1);
  assert.match(server.stderr(), /^GATEPASS_HOST is not an address of this machine\. [^\n]+\n$/);
});

/** Workers that do something else instead of starting. */
const planted = (what: string) => ({
  GATEPASS_WORKERS: '2',
  NODE_OPTIONS: `--import=${join(import.meta.dirname, 'support/planted-workers.ts')}`,
  PLANTED: what,
});

test('a worker that dies before it listens is replaced, the service is announced, and SIGTERM ends it', async (t) => {
  const server = await startServe(t, await workDirectory(t), planted('kill first'));
  await server.says(/a worker died/);
  await server.says(/Gatepass is listening/);
  server.child.kill('SIGTERM');
  assert.equal(await server.ended(), 0);
});

test('SIGTERM while workers start ends all of them', async (t) => {
  const server = await startServe(t, await workDirectory(t), planted('hang'));
  await until('both have begun', () => childrenOf(server.child.pid).length === 2);
  server.child.kill('SIGTERM');
  assert.equal(await server.ended(), 0);
  assert.doesNotMatch(server.stdout(), /Gatepass is listening/);
});

test('workers that keep dying end the service with their exit code', async (t) => {
  const server = await startServe(t, await workDirectory(t), planted('exit'));
  assert.equal(await server.ended(), 5);
  assert.match(server.stderr(), /The workers die as soon as they start/);
});

test(
  'a locked database file is reported after a second, with exit code 5 after five',
  SQLITE_ONLY,
  async (t) => {
    const directory = await workDirectory(t);
    mkdirSync(join(directory, 'data'));
    const path = join(directory, 'data/gatepass.db');
    const before = openDatabase(`sqlite:${path}`);
    await before.migrate();
    await before.close();
    const other = new DatabaseSync(path);
    t.after(() => other.close());
    other.exec('begin exclusive');
    const server = await startServe(t, directory);
    assert.equal(await server.ended(), 5);
    assert.match(server.stdout(), /still starting: another process has the database file locked/);
    assert.match(server.stderr(), /^The database cannot be used: .*locked[^\n]+\n$/);
    other.exec('rollback');
  },
);

test('a migration blocked by another process’s writes is reported', SQLITE_ONLY, async (t) => {
  const directory = await workDirectory(t);
  mkdirSync(join(directory, 'data'));
  const other = new DatabaseSync(join(directory, 'data/gatepass.db'));
  t.after(() => other.close());
  other.exec('pragma journal_mode = wal; create table other (x); begin immediate');
  const server = await startServe(t, directory);
  await server.says(/still starting: bringing the schema up to date/);
  // It does not finish its start when it is asked to stop.
  server.child.kill('SIGTERM');
  assert.equal(await server.ended(), 0);
  other.exec('rollback');
});
