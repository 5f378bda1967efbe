/** What a person at a terminal sees: a first step to paste, a line per request, one "stopping". */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { runShell } from '../../../test/support/run.ts';
import { prettyLine } from '../src/logger.ts';
import { firstStep } from '../src/process/announce.ts';
import { workDirectory } from './support/databases.ts';
import { post } from './support/process.ts';
import { startServe } from './support/starting.ts';

const hasTerminal = spawnSync('script', ['--version']).status === 0;
const needs = { skip: hasTerminal ? false : 'no "script" to make a terminal' } as const;
/** util-linux's `script` gives a command a terminal. */
const onTerminal = (command: string[]) => ['script', '-qefc', command.join(' '), '/dev/null'];
const LISTENING = /Gatepass is listening url=(http:\S+)/;
const STEP = /^ {2}curl .*$/m;

test(
  'a terminal shows a first step that can be pasted, and one line per request',
  needs,
  async (t) => {
    const directory = await workDirectory(t);
    const first = await startServe(t, directory, { GATEPASS_HOST: '0.0.0.0' }, onTerminal);
    await first.says(STEP);
    const [step = ''] = STEP.exec(first.stdout()) ?? [];
    assert.doesNotMatch(step, /0\.0\.0\.0/);
    assert.match(first.stdout(), /WARN GATEPASS_HOST=0\.0\.0\.0 is reachable from outside/);
    const created = JSON.parse(await runShell(step.trim()));
    assert.equal(created.email, 'you@example.com');
    const [, url = ''] = LISTENING.exec(first.stdout()) ?? [];
    await post(url.replace('0.0.0.0', '127.0.0.1'), '/api/token', {
      email: 'a@example.com',
      password: 'x',
    });
    await first.says(/^\d\d:\d\d:\d\d POST \/api\/users 201 \d+ms 127\.0\.0\.1\r?$/m);
    await first.says(/^\d\d:\d\d:\d\d POST \/api\/token 401 \d+ms 127\.0\.0\.1\r?$/m);
    first.child.stdin?.write('\u0003');
    await first.ended();

    const second = await startServe(t, directory, {}, onTerminal);
    await second.says(LISTENING);
    assert.doesNotMatch(second.stdout(), STEP, 'there is an account');
  },
);

test(
  'without a terminal, or with closed registration, no first step is shown',
  needs,
  async (t) => {
    const piped = await startServe(t, await workDirectory(t), { GATEPASS_LOG_FORMAT: 'pretty' });
    await piped.says(LISTENING);
    const closed = { GATEPASS_REGISTRATION: 'closed' };
    const server = await startServe(t, await workDirectory(t), closed, onTerminal);
    await server.says(LISTENING);
    for (const { stdout } of [piped, server]) assert.doesNotMatch(stdout(), /curl/);
  },
);

test('Ctrl+C with two workers logs "stopping" and "stopped" once and exits with 0', async (t) => {
  const server = await startServe(t, await workDirectory(t), { GATEPASS_WORKERS: '2' });
  await server.says(/Gatepass is listening/);
  const { port } = new URL(/"url":"(http:[^"]+)"/.exec(server.stdout())?.[1] ?? '');
  // An open request keeps it from having stopped before the second signal arrives.
  const socket = connect(Number(port), '127.0.0.1');
  t.after(() => socket.destroy());
  socket.write(
    'POST /api/token HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n',
  );
  assert.match(String(await once(socket, 'data')), /^HTTP\/1\.1 100 /);
  // As a terminal does: to the whole group, and npm passes it on once more.
  process.kill(-(server.child.pid ?? 0), 'SIGINT');
  server.child.kill('SIGINT');
  await server.says(/stopping/);
  socket.write('{}');
  assert.equal(await server.ended(), 0, server.stdout() + server.stderr());
  const lines = server
    .stdout()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const said = (word: string) => lines.filter(({ msg }) => msg.startsWith(word)).length;
  assert.deepEqual([said('stopping'), said('stopped')], [1, 1]);
  assert.equal(server.stderr(), '');
});

test('the first step names an address that can be reached', () => {
  for (const [host, expected] of [
    ['127.0.0.1', 'http://127.0.0.1:8000/'],
    ['0.0.0.0', 'http://127.0.0.1:8000/'],
    ['::', 'http://localhost:8000/'],
    ['::1', 'http://[::1]:8000/'],
  ] as const)
    assert.ok(firstStep(host, 8000).includes(` ${expected}api/users `), host);
});

test('client text cannot control the terminal in a log line', () => {
  const hostile = '\u001b[2J\u0007\u009bx\n';
  const line = { level: 'info', time: '2026-11-26T10:00:00.000Z', pid: 1, msg: 'request' };
  const shown = [
    prettyLine(
      JSON.stringify({ ...line, method: hostile, route: null, status: 404, ms: 1.2, ip: hostile }),
    ),
    prettyLine(JSON.stringify({ ...line, msg: hostile, reason: hostile, err: { stack: hostile } })),
  ].join('');
  const unsafe = [...shown].filter((each) => each !== '\n' && /\p{Cc}/u.test(each));
  assert.deepEqual(
    unsafe.filter((each) => each !== '\u001b'),
    [],
  );
  assert.ok(!shown.includes('\u001b[2J'));
});
