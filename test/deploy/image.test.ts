/** The image and the composition with PostgreSQL, as far as they can be tried without Docker. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { BlockList } from 'node:net';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { startProcess, workDirectory } from '../../packages/server/test/support/process.ts';
import * as markdown from '../support/markdown.ts';
import { isVariable } from '../support/variables.ts';
import { DEPLOY, file, mustSay, ROOT } from './support/files.ts';

/** With its lines that go on joined. */
const dockerfile = file('Dockerfile').replaceAll(/\\\n\s*/g, '');

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

const compose = file('compose.yaml');
const [subnet = '', prefix = ''] = /subnet: ([\d.]+)\/(\d+)/.exec(compose)?.slice(1) ?? [];

test('the composition trusts one gateway, of a network of its own', () => {
  const gateway = /gateway: ([\d.]+)/.exec(compose)?.[1] ?? '';
  const trusted = /GATEPASS_TRUSTED_PROXIES: (\S+)/.exec(compose)?.[1];
  assert.equal(trusted, gateway);
  const network = new BlockList();
  network.addSubnet(subnet, Number(prefix));
  assert.ok(network.check(gateway));
  assert.ok(Number(prefix) >= 24, 'a small network');
  const privateAddresses = new BlockList();
  privateAddresses.addSubnet('172.16.0.0', 12);
  assert.ok(privateAddresses.check(gateway));
  assert.match(compose, /127\.0\.0\.1:8000:8000/);
});

test('the password of the composition is written once, for its owner alone', async (t) => {
  const directory = await workDirectory(t);
  mkdirSync(join(directory, 'deploy'));
  const page = readFileSync(join(ROOT, 'docs/deployment.md'), 'utf8');
  const block = markdown.blocksOf(page, 'sh').find((each) => each.includes('deploy/.env')) ?? '';
  const [command = ''] = block.split('\n');
  assert.ok(compose.includes(command), 'the file says the same');
  const write = () => mustSay('sh', ['-c', `cd ${directory} && ${command}`]);
  const path = join(directory, 'deploy/.env');
  write();
  const first = readFileSync(path, 'utf8');
  assert.match(first, /^POSTGRES_PASSWORD=[0-9a-f]{48}\n$/);
  assert.equal(statSync(path).mode & 0o777, 0o600);
  write();
  assert.equal(readFileSync(path, 'utf8'), first);
  assert.match(readFileSync(join(ROOT, '.gitignore'), 'utf8'), /^deploy\/\.env$/m);
});
