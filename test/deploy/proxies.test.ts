/** The proxies' files: accepted by the proxies, safe against trickling clients, lossless at restarts. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startProcess, workDirectory } from '../../packages/server/test/support/process.ts';
import { freePort, start } from '../interop/support/programs.ts';
import { certified, DEPLOY, lacks, mustSay, wholeNginx } from './support/files.ts';

test('nginx accepts its configuration', { skip: lacks('nginx') }, async (t) => {
  const { directory, text } = await certified(t, 'nginx.conf');
  writeFileSync(join(directory, 'nginx.conf'), wholeNginx(directory, text));
  mustSay('nginx', ['-t', '-q', '-c', join(directory, 'nginx.conf')]);
});

test('Caddy accepts its configuration', { skip: lacks('caddy') }, async (t) => {
  const home = await workDirectory(t);
  const args = ['validate', '--adapter', 'caddyfile', '--config', join(DEPLOY, 'Caddyfile')];
  mustSay('caddy', args, { HOME: home, XDG_DATA_HOME: home, XDG_CONFIG_HOME: home });
});

/** Sends a header byte by byte, faster than any pause that a proxy allows. @returns when it is closed */
async function trickle(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  // What a proxy says before it closes is read, or the end would never be seen.
  socket.resume();
  // A proxy may close with a reset as well as with an end.
  let reason: string | undefined;
  socket.on('error', ({ message }) => (reason = message));
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.write('GET / HTTP/1.1\r\nHost: x\r\nX: ');
  const writing = setInterval(() => socket.write('x'), 100);
  const hang = setTimeout(() => socket.destroy(new Error('hang')), 30_000);
  await closed;
  clearInterval(writing);
  clearTimeout(hang);
  assert.notEqual(reason, 'hang', 'the connection stays open');
}

const quick = (text: string, directive: RegExp, seconds: number) => {
  assert.match(text, directive);
  return text.replace(directive, (line) => line.replace(/\d+s/, `${seconds}s`));
};

test('HP03 HAProxy closes a client that trickles its headers', {
  skip: lacks('haproxy'),
}, async (t) => {
  const { directory, text } = await certified(t, 'haproxy.cfg');
  const port = await freePort();
  const config = quick(text, /timeout http-request 10s/, 1)
    .replace(/^.*bind :443.*\n/m, '')
    .replace('bind :80', `bind 127.0.0.1:${port}`);
  writeFileSync(join(directory, 'haproxy.cfg'), config);
  const args = ['-db', '-f', join(directory, 'haproxy.cfg')];
  await start(t, port, { program: 'haproxy', args });
  await trickle(port);
});

test('HP03 Caddy closes a client that trickles its headers', {
  skip: lacks('caddy'),
}, async (t) => {
  const { directory, text } = await certified(t, 'Caddyfile');
  const port = await freePort();
  const config = quick(text, /read_header 10s/, 1)
    .replace('{\n', '{\n\tadmin off\n')
    .replace('auth.example.com {', `http://127.0.0.1:${port} {`);
  writeFileSync(join(directory, 'Caddyfile'), config);
  const env = { HOME: directory, XDG_DATA_HOME: directory, XDG_CONFIG_HOME: directory };
  await start(t, port, { program: 'caddy', args: ['run'], cwd: directory, env });
  await trickle(port);
});

test('HP03 nginx closes a client that trickles its headers', {
  skip: lacks('nginx'),
}, async (t) => {
  const { directory, text } = await certified(t, 'nginx.conf');
  const port = await freePort();
  const config = quick(text, /client_header_timeout 10s/, 1)
    .replace('listen 80;', `listen 127.0.0.1:${await freePort()};`)
    .replace('listen 443 ssl;', `listen 127.0.0.1:${port};`);
  writeFileSync(join(directory, 'nginx.conf'), wholeNginx(directory, config));
  const settings = 'daemon off; master_process off;';
  const args = ['-c', join(directory, 'nginx.conf'), '-g', settings];
  await start(t, port, { program: 'nginx', args });
  await trickle(port);
});

test('servers are replaced one after the other behind HAProxy, and no request fails', {
  skip: lacks('haproxy'),
}, async (t) => {
  const { directory, text } = await certified(t, 'haproxy.cfg');
  const start = (port = '0') => startProcess(t, directory, { GATEPASS_PORT: port });
  const servers = [await start(), await start()];
  const portOf = (url: string) => new URL(url).port;
  const door = await freePort();
  const config = text
    .replace(/^.*bind :443.*\n/m, '')
    .replace(/^.*redirect scheme.*\n/m, '')
    .replace('bind :80', `bind 127.0.0.1:${door}`)
    .replace('127.0.0.1:8000', `127.0.0.1:${portOf(servers[0]?.url ?? '')}`)
    .replace('127.0.0.1:8010', `127.0.0.1:${portOf(servers[1]?.url ?? '')}`);
  writeFileSync(join(directory, 'haproxy.cfg'), config);
  mustSay('haproxy', ['-c', '-q', '-f', join(directory, 'haproxy.cfg')]);
  const haproxy = spawn('haproxy', ['-db', '-f', join(directory, 'haproxy.cfg')], {
    stdio: 'ignore',
  });
  const gone = once(haproxy, 'exit');
  t.after(async () => {
    haproxy.kill('SIGTERM');
    await gone;
  });
  const url = `http://127.0.0.1:${door}`;
  const ask = async (path: string, body: object) => {
    const response = await fetch(url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as Record<string, string> };
  };
  const payload = { email: 'user@example.com', password: 'correct horse 9 battery' };
  for (let tries = 0; tries < 100; tries++) {
    if ((await ask('/api/users', payload).catch(() => undefined))?.status === 201) break;
    await sleep(100);
  }
  const { refresh } = (await ask('/api/token', payload)).body;

  const failures: string[] = [];
  let answered = 0;
  let isOver = false;
  const client = async () => {
    while (!isOver) {
      const outcome = await ask('/api/token/refresh', { refresh }).catch((error: Error) => ({
        status: `${error.message}: ${error.cause}`,
      }));
      if (outcome.status === 200) answered++;
      else failures.push(String(outcome.status));
      await sleep(5);
    }
  };
  const clients = Array.from({ length: 8 }, client);
  for (const old of servers) {
    const answeredBefore = answered;
    old.child.kill('SIGTERM');
    assert.equal(await old.exited, 0);
    await start(portOf(old.url));
    // Until HAProxy has seen it.
    await sleep(2500);
    assert.ok(answered > answeredBefore);
  }
  isOver = true;
  await Promise.all(clients);
  t.diagnostic(`${answered} answers while both were replaced`);
  assert.deepEqual(failures, []);
});
