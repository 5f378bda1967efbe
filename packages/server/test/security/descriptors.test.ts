/** docs/security-cases.md, ST21: more connections than the process may have descriptors. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { BIN, environmentOf, post, workDirectory } from '../support/process.ts';
import { PASSWORD } from '../support/service.ts';
import { until } from '../support/until.ts';

test('ST21 with 500 connections on 128 descriptors the service sheds load, survives and recovers', async (t) => {
  const cwd = await workDirectory(t);
  const command = `ulimit -n 128; exec "${process.execPath}" "${BIN}" serve`;
  const env = await environmentOf(cwd, { GATEPASS_PORT: '0' });
  const child = spawn('sh', ['-c', command], { cwd, env, stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  const log: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => log.push(line));
  const addresses = () => log.flatMap((line) => JSON.parse(line).url ?? []);
  await until('it listens', () => addresses().length > 0);
  const [url] = addresses();
  const user = { email: 'alice@example.com', password: PASSWORD };
  const created = await fetch(`${url}/api/users`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(user),
  });
  assert.equal(created.status, 201, log.join('\n'));

  const port = Number(new URL(url).port);
  const sockets = Array.from({ length: 500 }, (): Socket => {
    const socket = connect(port, '127.0.0.1');
    return socket.on('error', () => {});
  });
  await sleep(1000);
  assert.equal(child.exitCode, null, 'alive under them');
  for (const socket of sockets) socket.destroy();

  const logIn = async () => (await post(url, '/api/token', user))?.status === 200;
  await until('a login succeeds afterwards', logIn, 100);
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  assert.deepEqual(await exited, [0, null]);
});
