/** What lies in deploy/ works as far as it can be tried without root, Docker or a certificate. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startProcess, workDirectory } from '../packages/server/test/support/process.ts';
import { isVariable } from './support/variables.ts';

const ROOT = join(import.meta.dirname, '..');
const DEPLOY = join(ROOT, 'deploy');
const file = (name: string) => readFileSync(join(DEPLOY, name), 'utf8');
/** With its lines that go on joined. */
const dockerfile = file('Dockerfile').replaceAll(/\\\n\s*/g, '');
const has = (program: string) => spawnSync('which', [program]).status === 0;

test('every variable that a file of deploy/ sets exists', () => {
  for (const name of readdirSync(DEPLOY)) {
    const used = [...file(name).matchAll(/\bGATEPASS_[A-Z_]+/g)].map(([variable]) => variable);
    assert.deepEqual(
      used.filter((variable) => !isVariable(variable)),
      [],
      name,
    );
  }
});

const stages = dockerfile.split(/^FROM /m).slice(1);
const copies = (stage: string) =>
  [...stage.matchAll(/^COPY (?!--from)(.+) (\S+)$/gm)].map(([, from = '', to = '']) => ({
    from: from.split(' '),
    to,
  }));

/** What `COPY` does, without what .dockerignore names. */
function assemble(stage: string, into: string): void {
  const ignored = /(?:^|\/)(?:node_modules|dist|data|test)(?:\/|$)|\.db|\.tsbuildinfo$/;
  for (const { from, to } of copies(stage))
    for (const name of from) {
      const target = to.endsWith('/')
        ? join(into, to, name.split('/').at(-1) ?? '')
        : join(into, to);
      mkdirSync(dirname(target), { recursive: true });
      cpSync(join(ROOT, name), target, {
        recursive: true,
        filter: (path) => !ignored.test(path.slice(ROOT.length)),
      });
    }
}

test('the first stage of the image has all that npm ci reads', async (t) => {
  const directory = await workDirectory(t);
  assemble(stages[0] ?? '', directory);
  const workspaces = readdirSync(join(ROOT, 'packages'));
  const copied = workspaces.filter((name) =>
    readdirSync(join(directory, 'packages')).includes(name),
  );
  assert.deepEqual(copied, workspaces);
  const lock = JSON.parse(readFileSync(join(directory, 'package-lock.json'), 'utf8'));
  for (const name of workspaces) assert.ok(lock.packages[`packages/${name}`], name);
});

test('what the image holds starts as its user would, and its health check tells', async (t) => {
  assert.match(dockerfile, /^USER node$/m);
  assert.ok(dockerfile.indexOf('USER node') < dockerfile.indexOf('ENTRYPOINT'));
  const directory = await workDirectory(t);
  assemble(stages[1] ?? '', directory);
  const modules = join(directory, 'node_modules');
  mkdirSync(join(modules, '@gatepass'), { recursive: true });
  for (const name of readdirSync(join(ROOT, 'node_modules')))
    if (name !== '@gatepass' && name !== 'gatepass')
      symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
  symlinkSync(join(directory, 'packages/verifier'), join(modules, '@gatepass/verifier'));
  const bin = /ln -s \/app\/(\S+) \/usr\/local\/bin\/gatepass/.exec(dockerfile)?.[1] ?? '';
  assert.match(dockerfile, /^ENTRYPOINT \["gatepass"\]\nCMD \["serve"\]$/m);

  const server = await startProcess(t, directory, {}, join(directory, bin));
  const check = JSON.parse(/HEALTHCHECK .*?CMD (\[.*\])$/m.exec(dockerfile)?.[1] ?? '[]');
  const run = () =>
    spawnSync(process.execPath, check.slice(1), {
      env: { GATEPASS_PORT: new URL(server.url).port },
    }).status;
  assert.equal(check[0], 'node');
  assert.equal(run(), 0);
  server.child.kill('SIGTERM');
  assert.equal(await server.exited, 0);
  assert.equal(run(), 1);
});

/** A certificate of the test's own where the file names one. */
async function certified(t: TestContext, name: string) {
  const directory = await workDirectory(t);
  const [key, certificate, both] = ['key', 'crt', 'pem'].map((end) =>
    join(directory, `x.${end}`),
  ) as [string, string, string];
  const made = spawnSync(
    'openssl',
    // biome-ignore format: a command, as one would type it
    ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=auth.example.com', '-keyout', key, '-out', certificate],
  );
  assert.equal(made.status, 0, String(made.stderr));
  writeFileSync(both, readFileSync(certificate, 'utf8') + readFileSync(key, 'utf8'));
  const text = file(name)
    .replaceAll('/etc/ssl/auth.example.com/fullchain.pem', certificate)
    .replaceAll('/etc/ssl/auth.example.com/privkey.pem', key)
    .replaceAll('/etc/ssl/auth.example.com.pem', both);
  return { directory, text };
}

function mustSay(program: string, args: string[], env: Record<string, string> = {}): void {
  const { status, stdout, stderr } = spawnSync(program, args, { env: { ...process.env, ...env } });
  assert.equal(status, 0, `${stdout}${stderr}`);
}

test('nginx takes its file', { skip: !has('nginx') && 'no nginx' }, async (t) => {
  const { directory, text } = await certified(t, 'nginx.conf');
  const whole = `pid ${directory}/pid;\nerror_log stderr;\nevents {}\nhttp {\naccess_log off;\nclient_body_temp_path ${directory}/b;\nproxy_temp_path ${directory}/p;\nfastcgi_temp_path ${directory}/f;\nuwsgi_temp_path ${directory}/u;\nscgi_temp_path ${directory}/s;\n${text}}\n`;
  writeFileSync(join(directory, 'nginx.conf'), whole);
  mustSay('nginx', ['-t', '-q', '-c', join(directory, 'nginx.conf')]);
});

test('Caddy takes its file', { skip: !has('caddy') && 'no caddy' }, async (t) => {
  const home = await workDirectory(t);
  const args = ['validate', '--adapter', 'caddyfile', '--config', join(DEPLOY, 'Caddyfile')];
  mustSay('caddy', args, { HOME: home, XDG_DATA_HOME: home, XDG_CONFIG_HOME: home });
});

test('systemd takes the units', { skip: !has('systemd-analyze') && 'no systemd' }, async (t) => {
  const directory = await workDirectory(t);
  for (const name of readdirSync(DEPLOY).filter((each) => /\.(?:service|timer)$/.test(each))) {
    const text = file(name).replaceAll('/usr/bin/node', process.execPath);
    writeFileSync(join(directory, name), text);
  }
  for (const name of ['gatepass.service', 'gatepass-backup.service', 'gatepass-backup.timer']) {
    const { stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', join(directory, name)]);
    const said = String(stderr).split('\n');
    assert.deepEqual(
      said.filter((line) => line.includes('gatepass')),
      [],
    );
  }
});

test('servers are replaced one after the other behind HAProxy, and no request fails', {
  skip: !has('haproxy') && 'no haproxy',
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
    .replace('127.0.0.1:8001', `127.0.0.1:${portOf(servers[1]?.url ?? '')}`);
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

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}
