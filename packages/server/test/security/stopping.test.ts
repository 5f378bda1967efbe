/** docs/security-cases.md, ST12 and ST19: what is promised to open requests when a server stops or fails. */
import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { post, type Server, startProcess, workDirectory } from '../support/process.ts';
import { until } from '../support/until.ts';
import { parseReplies, request } from './support/raw.ts';

const PASSWORD = 'granite otter parade 41';
const CREDENTIALS = { email: 'alice@example.com', password: PASSWORD };
const LOGIN = request(
  'POST /api/token',
  ['Content-Type: application/json'],
  JSON.stringify(CREDENTIALS),
);
const READY = request('GET /readyz');
const planted = (name: string) => ({
  NODE_OPTIONS: `--import=${join(import.meta.dirname, `../support/planted-${name}.ts`)}`,
});
const CRASHING = planted('crash');

const lines = ({ log }: Server) => log.map((line) => JSON.parse(line));

/** A connection that the server has accepted: it has answered once already. */
async function open(port: number) {
  const received: Buffer[] = [];
  const ended = Promise.withResolvers<Error | undefined>();
  const socket: Socket = connect(port, '127.0.0.1', () => socket.write(READY));
  socket.on('data', (part: Buffer) => received.push(part));
  socket.on('error', ended.resolve);
  socket.on('close', () => ended.resolve(undefined));
  const replies = () => parseReplies(Buffer.concat(received));
  await until('a first answer', () => received.length > 0);
  return { socket, replies, ended: ended.promise };
}

/** The server reads connections in the order in which they have data: it answers the last written to. */
async function untilRead({ socket, replies }: Awaited<ReturnType<typeof open>>): Promise<void> {
  const before = replies().length;
  socket.write(READY);
  await until('all has been read', () => replies().length > before);
}

test('ST12 at SIGTERM with 50 open logins readiness fails, and each login gets a response', async (t) => {
  const server = await startProcess(t, await workDirectory(t));
  assert.equal((await post(server.url, '/api/users', CREDENTIALS))?.status, 201);
  const port = Number(new URL(server.url).port);
  const connections = await Promise.all(Array.from({ length: 50 }, () => open(port)));
  const watcher = await open(port);
  for (const { socket } of connections) socket.write(LOGIN);
  await untilRead(watcher);
  server.child.kill('SIGTERM');
  await until('it stops', () => server.log.some((line) => line.includes('stopping:')));
  watcher.socket.write(READY);

  for (const { ended, replies } of connections) {
    assert.equal(await ended, undefined, 'no reset');
    const [first, login, ...more] = replies();
    assert.equal(first?.status, 200);
    assert.ok([200, 503].includes(login?.status ?? 0), `a login was answered ${login?.status}`);
    assert.deepEqual(more, []);
  }
  await watcher.ended;
  const last = watcher.replies().at(-1);
  if (watcher.replies().length > 2) {
    assert.equal(last?.status, 503);
    assert.equal(JSON.parse(last?.text ?? '{}').status, 'stopping');
  }
  assert.equal(await server.exited, 0, 'well before it would have been cut off');
});

test('ST12 logins whose hashes take too long get a 503 in time', async (t) => {
  const server = await startProcess(t, await workDirectory(t), planted('hashing'));
  const port = Number(new URL(server.url).port);
  const connections = await Promise.all(Array.from({ length: 8 }, () => open(port)));
  const last = await open(port);
  for (const { socket } of connections) socket.write(LOGIN);
  await untilRead(last);
  server.child.kill('SIGTERM');
  for (const { ended, replies } of connections) {
    assert.equal(await ended, undefined, 'no reset');
    assert.deepEqual(
      replies().map(({ status }) => status),
      [200, 503],
    );
  }
  assert.equal(await server.exited, 0);
  assert.ok(!lines(server).some(({ level }) => level === 'error'));
});

for (const [what, signal, message] of [
  ['an error thrown without a catch', 'SIGUSR2', 'planted: thrown'],
  ['a promise rejected without an await', 'SIGHUP', 'planted: rejected'],
] as const) {
  test(`ST19 ${what}: open requests get a response, the exit code is 1, the log has the error`, async (t) => {
    const server = await startProcess(t, await workDirectory(t), CRASHING);
    await post(server.url, '/api/users', CREDENTIALS);
    const port = Number(new URL(server.url).port);
    // Few: beside busy programs a hash can take seconds, and a stop waits five for it.
    const connections = await Promise.all(Array.from({ length: 2 }, () => open(port)));
    const last = await open(port);
    for (const { socket } of connections) socket.write(LOGIN);
    await untilRead(last);
    server.child.kill(signal);
    for (const { ended, replies } of connections) {
      assert.equal(await ended, undefined);
      const [first, login, ...more] = replies();
      assert.equal(first?.status, 200);
      // A busy machine may have no time for a password; it says so.
      assert.ok([200, 503].includes(login?.status ?? 0), `a login was answered ${login?.status}`);
      assert.deepEqual(more, []);
    }
    assert.equal(await server.exited, 1);
    const [fatal] = lines(server).filter(({ level }) => level === 'fatal');
    assert.ok(fatal.err.message.startsWith(message) && fatal.err.stack.includes('planted'));
    assert.ok(!server.log.join('').includes(PASSWORD));
  });
}

test('ST19 such a worker is replaced, and the others go on', async (t) => {
  const server = await startProcess(t, await workDirectory(t), {
    ...CRASHING,
    GATEPASS_WORKERS: '2',
  });
  await fetch(`${server.url}/api/nothing`);
  await until('a line', () => lines(server).some(({ msg }) => msg === 'request'));
  const { pid } = lines(server).find(({ msg }) => msg === 'request');
  process.kill(pid, 'SIGUSR2');
  await until('the worker dies', () => lines(server).some(({ msg }) => msg === 'a worker died'));
  const died = lines(server).find(({ msg }) => msg === 'a worker died');
  assert.deepEqual([died.worker, died.code], [pid, 1]);
  const pids = new Set<number>();
  await until('a new worker answers', async () => {
    await fetch(`${server.url}/api/nothing`, { headers: { connection: 'close' } }).catch(() => {});
    for (const line of lines(server)) if (line.msg === 'request') pids.add(line.pid);
    return pids.size >= 3;
  });
  server.child.kill('SIGTERM');
  assert.equal(await server.exited, 0);
});
