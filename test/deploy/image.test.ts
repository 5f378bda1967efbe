/** The image and the composition with PostgreSQL, built with buildah where it is installed. */
import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { BlockList } from 'node:net';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { after, before, suite, test } from 'node:test';
import { workDirectory } from '../../packages/server/test/support/process.ts';
import * as markdown from '../support/markdown.ts';
import { isVariable } from '../support/variables.ts';
import { DEPLOY, file, mustSay, ROOT } from './support/files.ts';
import {
  buildImage,
  type Container,
  configOf,
  createContainer,
  lacksBuildah,
  removeImages,
} from './support/image.ts';

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

const image = { skip: lacksBuildah(), timeout: 540_000 };

suite('the image that deploy/Dockerfile describes', image, () => {
  // One for all tests: without overlays, each is a copy of the whole image.
  let container: Container;
  before(() => {
    buildImage();
    container = createContainer();
  });
  after(() => {
    container.remove();
    removeImages();
  });

  test('serves as its own user, reports its health, and stops on SIGTERM', async (t) => {
    const { User, Entrypoint, Cmd, Volumes } = configOf();
    assert.equal(User, 'node');
    assert.deepEqual(Object.keys(Volumes), ['/data']);
    const command = [...Entrypoint, ...Cmd];
    const child = container.start(command, { GATEPASS_PORT: '0', GATEPASS_HOST: '127.0.0.1' });
    t.after(() => child.kill('SIGKILL'));
    const exited = once(child, 'exit');
    const { pid, url } = await firstLine(child);
    t.after(() => isAlive(pid) && process.kill(pid, 'SIGKILL'));
    const uid = /^Uid:\t(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    assert.equal(uid, '1000');

    const check = JSON.parse(/HEALTHCHECK .*?CMD (\[.*\])$/m.exec(dockerfile)?.[1] ?? '[]');
    const health = async () => {
      const [code] = await once(
        container.start(check, { GATEPASS_PORT: new URL(url).port }),
        'exit',
      );
      return code;
    };
    assert.equal(await health(), 0);
    const login = await fetch(`${url}/api/users`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"email":"ann@example.com","password":"correct horse 9 battery"}',
    });
    assert.equal(login.status, 201, 'hashing works in it');
    process.kill(pid, 'SIGTERM');
    assert.deepEqual(await exited, [0, null]);
    assert.equal(await health(), 1);
  });

  test('holds the bundle and what it loads, and no sources', async () => {
    const code = "console.log(JSON.stringify(require('node:fs').readdirSync('/app')))";
    const child = container.start(['node', '-e', code]);
    assert.ok(child.stdout);
    const names = JSON.parse(await text(child.stdout));
    const expected = [
      'LICENSE',
      'THIRD-PARTY-LICENSES',
      'bin',
      'lib',
      'node_modules',
      'package-lock.json',
      'package.json',
    ];
    assert.deepEqual(names.sort(), expected);
  });

  test('holds the compiled code of a start, which its user cannot change', async () => {
    const find = ['find', '/app/node_modules/.cache', '-type', 'f', '-printf', '%u %m\\n'];
    const child = container.start(find);
    assert.ok(child.stdout);
    const files = (await text(child.stdout)).trim().split('\n');
    assert.ok(files.length > 10, files.join());
    assert.deepEqual([...new Set(files)], ['root 444']);
  });
});

/** Of the log: where it listens, and its process. */
async function firstLine(child: ChildProcess): Promise<{ pid: number; url: string }> {
  assert.ok(child.stdout);
  for await (const line of createInterface({ input: child.stdout })) {
    const { pid, url } = JSON.parse(line);
    if (url) return { pid, url };
  }
  throw new Error('it ended before it listened');
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

const compose = file('compose.yaml');
const [subnet = '', prefix = ''] = /subnet: ([\d.]+)\/(\d+)/.exec(compose)?.slice(1) ?? [];

test('the composition trusts only the gateway of its own network', () => {
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
