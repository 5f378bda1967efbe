/** Several processes behind one port, with one database: they must answer as one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { post, startProcess, workDirectory } from './support/process.ts';
import { until } from './support/until.ts';

const CREDENTIALS = { email: 'a@example.com', password: 'correct horse 9 battery' };

/** A new connection for every request, so that they spread over the workers. */
async function statuses(url: string, path: string, body: object): Promise<Set<number>> {
  const answers = await Promise.all(
    Array.from({ length: 24 }, async () => {
      const response = await fetch(url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', connection: 'close' },
        body: JSON.stringify(body),
      });
      return response.status;
    }),
  );
  return new Set(answers);
}

test('a logout through one worker takes effect at all', async (t) => {
  const server = await startProcess(t, await workDirectory(t), { GATEPASS_WORKERS: '3' });
  await post(server.url, '/api/users', CREDENTIALS);
  const pair = (await post(server.url, '/api/token', CREDENTIALS))?.body ?? {};
  const verify = () => statuses(server.url, '/api/token/verify', { token: pair['access'] });
  assert.deepEqual(await verify(), new Set([200]));
  await post(server.url, '/api/token/blacklist', { refresh: pair['refresh'] });
  const refused = async () => [...(await verify())].join() === '401';
  await until('every worker refuses it', refused);
  server.child.kill('SIGTERM');
  assert.equal(await server.exited, 0);
});

test('a killed worker is replaced, and no acknowledged write is lost', async (t) => {
  const server = await startProcess(t, await workDirectory(t), { GATEPASS_WORKERS: '2' });
  await post(server.url, '/api/users', CREDENTIALS);
  const pids = async () => {
    await statuses(server.url, '/api/token', { email: 'nobody@example.com', password: 'x' });
    const lines = server.log.map((line) => JSON.parse(line));
    return new Set<number>(lines.filter(({ msg }) => msg === 'request').map(({ pid }) => pid));
  };
  const [victim] = await pids();
  assert.ok(victim);
  process.kill(victim, 'SIGKILL');
  const deadline = performance.now() + 60_000;
  while (performance.now() < deadline && !server.log.some((line) => line.includes('worker died')))
    await sleep(50);
  await sleep(200);
  assert.deepEqual(await statuses(server.url, '/api/users/me', {}), new Set([401]));
  let seen = await pids();
  while (performance.now() < deadline && [...seen].filter((pid) => pid !== victim).length < 2)
    seen = await pids();
  assert.ok([...seen].filter((pid) => pid !== victim).length >= 2, 'two workers answer again');
});

test('a hanging worker does not prevent the service from stopping', async (t) => {
  const server = await startProcess(t, await workDirectory(t), { GATEPASS_WORKERS: '2' });
  await statuses(server.url, '/api/token', { email: 'nobody@example.com', password: 'x' });
  const line = server.log.map((each) => JSON.parse(each)).find(({ msg }) => msg === 'request');
  process.kill(line.pid, 'SIGSTOP');
  server.child.kill('SIGTERM');
  const exited = await Promise.race([server.exited, sleep(60_000, undefined, { ref: false })]);
  if (exited === undefined) process.kill(line.pid, 'SIGKILL');
  assert.equal(exited, 0);
});
