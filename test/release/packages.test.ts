/** What `npm run build` makes can be packed, installed and used; what it is made from cannot be published. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { startProcess, workDirectory } from '../../packages/server/test/support/process.ts';
import * as markdown from '../support/markdown.ts';

const ROOT = join(import.meta.dirname, '../..');
const NAMES = ['client', 'verifier', 'server'];
type Manifest = Record<string, unknown> & { name: string };
const manifestIn = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));

test('the manifests of the sources are private and claim no address that is not known', () => {
  for (const name of NAMES) {
    const manifest = manifestIn(join(ROOT, 'packages', name));
    assert.equal(manifest['private'], true, name);
    for (const key of ['description', 'keywords', 'license', 'engines'])
      assert.ok(manifest[key], `${name}: ${key}`);
    for (const key of ['homepage', 'bugs', 'repository'])
      assert.equal(manifest[key], undefined, `${name}: ${key}`);
  }
});

const BUNDLE =
  /^(lib\/[\w-]+\.js|lib\/public\/[\w/-]+\.(js|css|svg)|bin\/gatepass\.js|THIRD-PARTY-LICENSES)$/;

const work = mkdtempSync(join(tmpdir(), 'gatepass-packages-'));
after(() => rmSync(work, { recursive: true, force: true }));
const run = (program: string, args: string[], cwd = work) =>
  execFileSync(program, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
const hasNpm = spawnSync('npm', ['--version']).status === 0;

suite('the built packages', { timeout: 300_000, skip: !hasNpm && 'npm is not installed' }, () => {
  const consumer = join(work, 'consumer');

  before(() => {
    run(process.execPath, [join(ROOT, 'scripts/build.ts'), work]);
    mkdirSync(consumer);
    writeFileSync(join(consumer, 'package.json'), '{"type":"module"}');
    // What npm adds to package.json on the way is part of what is shipped.
    const folders = NAMES.map((name) => join(work, name));
    run('npm', [
      'pack',
      '--silent',
      ...folders.map((folder) => `./${folder.slice(work.length + 1)}`),
    ]);
    const tarballs = readdirSync(work).filter((name) =>
      /^gatepass-(client|ver).*\.tgz$/.test(name),
    );
    assert.equal(tarballs.length, 2);
    const install = ['install', '--offline', '--no-audit', '--no-fund', '--silent'];
    run('npm', [...install, ...tarballs.map((name) => join(work, name))], consumer);
  });

  test('hold JavaScript, types, the README and the licence, and nothing else', () => {
    for (const name of NAMES) {
      const files = readdirSync(join(work, name), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(join(work, name).length + 1));
      const surplus = files.filter(
        (path) =>
          !/^(src\/.*\.(js|d\.ts)|README\.md|LICENSE|package\.json)$/.test(path) &&
          !(name === 'server' && BUNDLE.test(path)),
      );
      assert.deepEqual(surplus, [], name);
      const built = manifestIn(join(work, name));
      assert.deepEqual([built['private'], built['devDependencies']], [undefined, undefined], name);
    }
  });

  test('are what publint and Are The Types Wrong expect of packages of ES modules', async () => {
    for (const name of NAMES) {
      const { messages } = await publint({ pkgDir: join(work, name), pack: false, strict: true });
      assert.deepEqual(messages, [], name);
      const file = name === 'server' ? 'gatepass' : `gatepass-${name}`;
      const tarball = readdirSync(work).find((each) => each.startsWith(`${file}-0`)) ?? '';
      const data = new Uint8Array(readFileSync(join(work, tarball)));
      const result = await checkPackage(createPackageFromTarballData(data));
      assert.equal(Boolean(result.types), name !== 'server', 'a program has no types');
      // What needs `require`, or a resolver older than `exports`, is not offered.
      const problems = (result.types ? result.problems : []).filter(
        (problem) =>
          problem.kind !== 'CJSResolvesToESM' &&
          !(problem.kind === 'NoResolution' && problem.resolutionKind === 'node10'),
      );
      assert.deepEqual(problems, [], name);
    }
  });

  test('are not made of manifests that npm would publish', () => {
    assert.equal(manifestIn(ROOT)['private'], true);
    for (const folder of NAMES.map((name) => `packages/${name}`)) {
      const { stdout, stderr } = spawnSync('npm', ['publish', '--dry-run', '--offline'], {
        cwd: join(ROOT, folder),
        encoding: 'utf8',
      });
      assert.match(stderr, /marked as private/, folder);
      assert.equal(stdout, '', folder);
    }
  });

  test('serve from the bundle, with workers, hashing threads, metrics, the API page and the console', async (t) => {
    const server = join(work, 'server');
    // What the manifest names and nothing else.
    for (const name of Object.keys(Object(manifestIn(server)['dependencies']))) {
      mkdirSync(join(server, 'node_modules', name, '..'), { recursive: true });
      symlinkSync(join(ROOT, 'node_modules', name), join(server, 'node_modules', name));
    }
    const environment = {
      ...{ GATEPASS_WORKERS: '2', GATEPASS_METRICS_PORT: '0', GATEPASS_ADMIN_PORT: '0' },
    };
    const bin = join(server, 'bin/gatepass.js');
    const { url, log, stop } = await startProcess(t, await workDirectory(t), environment, bin);
    const person = { email: 'ann@example.com', password: 'correct horse 9 battery' };
    const post = (path: string, body: object) =>
      fetch(url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    // Refused by the list of common passwords, which is a part of its own.
    assert.equal((await post('/api/users', { ...person, password: 'trustno1!' })).status, 400);
    assert.equal((await post('/api/users', person)).status, 201);
    const login = await post('/api/token', person);
    assert.equal(login.status, 200);
    const { access } = (await login.json()) as { access: string };
    assert.equal((await post('/api/token/verify', { token: access })).status, 200);
    assert.equal((await fetch(`${url}/docs/static/swagger-ui-bundle.js`)).status, 200);
    const { metrics, admin } = JSON.parse(log.find((line) => line.includes('"metrics"')) ?? '{}');
    const console = await (await fetch(admin)).text();
    const links = [...console.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, link = '']) => link);
    assert.ok(
      links.some((link) => link.endsWith('/vendor/preact.js')),
      console,
    );
    for (const link of links) assert.equal((await fetch(new URL(link, admin))).status, 200, link);
    assert.match(await (await fetch(metrics)).text(), /^gatepass_/m);
    await stop();
  });

  test('have READMEs that need no other page, and name those of the repository', () => {
    for (const name of NAMES) {
      const text = readFileSync(join(work, name, 'README.md'), 'utf8');
      const relative = markdown.linksOf(text).filter((link) => !link.startsWith('#'));
      assert.deepEqual(relative, [], name);
      assert.match(text, /[\w/.-]+\.md in the repository\)/, name);
    }
  });

  test('run where they are installed', () => {
    const code = `
      import { createClient } from '@gatepass/client';
      import { createVerifier } from '@gatepass/verifier';
      import * as express from '@gatepass/verifier/express';
      import * as fastify from '@gatepass/verifier/fastify';
      import * as hono from '@gatepass/verifier/hono';
      const client = createClient({ url: 'http://127.0.0.1:8000' });
      const verifier = createVerifier({ secret: 'x'.repeat(40) });
      const guards = [express, fastify, hono].map((each) => typeof each.requireAccessToken(verifier));
      console.log(client.isLoggedIn, guards.join());`;
    const output = run(process.execPath, ['--input-type=module', '--eval', code], consumer);
    assert.equal(output, 'false function,function,function\n');
  });

  test('have types that hold, also where libraries are not skipped', () => {
    writeFileSync(
      join(consumer, 'app.ts'),
      `import { type Client, createClient, GatepassError } from '@gatepass/client';
       import { type AccessClaims, createVerifier } from '@gatepass/verifier';
       import { claimsOf, requireAccessToken } from '@gatepass/verifier/hono';
       export const client: Client = createClient({ url: '/', storage: 'local' });
       export const verifier = createVerifier({ jwksUrl: 'https://id.example/jwks.json' });
       export const guard = requireAccessToken(verifier);
       export const subject = (context: object): AccessClaims['sub'] => claimsOf(context).sub;
       export const isOurs = (error: unknown) => error instanceof GatepassError && error.code;`,
    );
    const types = join(ROOT, 'node_modules/@types');
    for (const [module, resolution] of [
      ['nodenext', 'nodenext'],
      ['esnext', 'bundler'],
    ] as const) {
      const options = ['--noEmit', '--strict', '--skipLibCheck', 'false', '--target', 'esnext'];
      const from = ['--typeRoots', types, '--types', 'node', '--lib', 'esnext,dom'];
      const as = ['--module', module, '--moduleResolution', resolution];
      run(join(ROOT, 'node_modules/.bin/tsc'), [...options, ...from, ...as, 'app.ts'], consumer);
    }
  });
});
