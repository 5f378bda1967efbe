/** The admin listener of real processes: its port, its workers, and what a terminal is shown. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { workDirectory } from '../support/databases.ts';
import { startProcess } from '../support/process.ts';
import { startServe } from '../support/starting.ts';
import { freePortBelowTaken, takenPort } from '../support/taken-port.ts';

const statusOf = async (url: string) => (await fetch(`${url}/api/admin/session`)).status;
const NEXT = { GATEPASS_ADMIN_PORT: '' };

for (const workers of ['1', '2'])
  test(`with GATEPASS_WORKERS=${workers} it has its own port, and a taken configured port is an error`, async (t) => {
    const env = { GATEPASS_WORKERS: workers };
    const server = await startProcess(t, await workDirectory(t), { ...env, ...NEXT });
    const line = server.log.find((each) => each.includes('"admin"')) ?? '{}';
    const { admin } = JSON.parse(line);
    assert.equal(new URL(admin).hostname, '127.0.0.1');
    const statuses = await Promise.all(Array.from({ length: 8 }, () => statusOf(admin)));
    assert.deepEqual(new Set(statuses), new Set([401]));
    assert.equal(await statusOf(server.url), 404);
    await server.stop();

    const taken = await startServe(t, await workDirectory(t), {
      ...env,
      GATEPASS_ADMIN_PORT: await takenPort(t),
    });
    assert.equal(await taken.ended(), 1);
    assert.match(
      taken.stderr(),
      /^The admin listener failed: [^\n]+ GATEPASS_ADMIN_PORT [^\n]+\n$/,
    );
  });

test('a taken default port is a warning, and the service starts', async (t) => {
  const { port } = await freePortBelowTaken(t);
  const env = { ...NEXT, GATEPASS_PORT: `${port}` };
  const server = await startProcess(t, await workDirectory(t), env);
  assert.equal((await fetch(`${server.url}/healthz`)).status, 200);
  assert.ok(server.log.some((line) => /no admin listener: port \d+ cannot be used/.test(line)));
  assert.ok(!server.log.some((line) => line.includes('"admin"')));
  await server.stop();
});

test('a default port taken during the start causes warnings of the workers', async (t) => {
  const { port, next } = await freePortBelowTaken(t);
  next.close();
  await once(next, 'close');
  const thief = `import cluster from 'node:cluster'; import { createServer } from 'node:net';
    cluster.once('fork', () => createServer().listen(${port + 1}, '127.0.0.1').unref());`;
  const server = await startProcess(t, await workDirectory(t), {
    ...NEXT,
    GATEPASS_PORT: `${port}`,
    GATEPASS_WORKERS: '2',
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(thief)}`,
  });
  assert.equal((await fetch(`${server.url}/healthz`)).status, 200);
  assert.ok(server.log.some((line) => /no admin listener: port \d+ cannot be used/.test(line)));
  assert.ok(!server.log.some((line) => /"admin"|worker died/.test(line)));
  await server.stop();
});

test('a terminal shows how to become the first administrator until there is one', async (t) => {
  const directory = await workDirectory(t);
  const onTerminal = (command: string[]) => ['script', '-qec', command.join(' '), '/dev/null'];
  const server = await startServe(t, directory, NEXT, onTerminal);
  await server.says(/Create the first administrator[\s\S]*"password":"choose one"\}'/);
  const [, url, given] =
    /curl -s (\S+)\/api\/admin\/setup .* -d '(\{.*\})'/.exec(server.stdout()) ?? [];
  const body = { ...JSON.parse(given ?? '{}'), password: 'correct horse 9 battery' };
  const headers = { 'content-type': 'application/json' };
  const init = { method: 'POST', headers, body: JSON.stringify(body) };
  const done = await fetch(`${url}/api/admin/setup`, init);
  assert.equal(done.status, 200, await done.text());
  server.child.kill('SIGKILL');
  const again = await startServe(t, directory, NEXT, onTerminal);
  await again.says(/Gatepass is listening/);
  assert.doesNotMatch(again.stdout(), /first administrator/);
});
