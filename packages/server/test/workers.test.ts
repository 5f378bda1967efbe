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
    await statuses(server.url, '/api/nothing', {});
    const lines = server.log.map((line) => JSON.parse(line));
    return new Set<number>(lines.filter(({ msg }) => msg === 'request').map(({ pid }) => pid));
  };
  await until('a worker has logged', async () => (await pids()).size > 0);
  const [victim = 0] = await pids();
  process.kill(victim, 'SIGKILL');
  await until('it is missed', () => server.log.some((line) => line.includes('worker died')));
  assert.deepEqual(await statuses(server.url, '/api/users/me', {}), new Set([401]));
  const others = async () => [...(await pids())].filter((pid) => pid !== victim);
  await until('two workers answer again', async () => (await others()).length >= 2);
});

test('a hanging worker does not prevent the service from stopping', async (t) => {
  const server = await startProcess(t, await workDirectory(t), { GATEPASS_WORKERS: '2' });
  await statuses(server.url, '/api/nothing', {});
  const requests = () =>
    server.log.map((each) => JSON.parse(each)).filter(({ msg }) => msg === 'request');
  await until('a worker has logged', () => requests().length > 0);
  const [line] = requests();
  process.kill(line.pid, 'SIGSTOP');
  server.child.kill('SIGTERM');
  const exited = await Promise.race([server.exited, sleep(60_000, undefined, { ref: false })]);
  if (exited === undefined) process.kill(line.pid, 'SIGKILL');
  assert.equal(exited, 0);
});
