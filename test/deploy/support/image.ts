/** The image as deploy/Dockerfile describes it, built and started without a daemon. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { DEPLOY, ROOT } from './files.ts';

// Outlives `npm ci`. What is made in it bears the number of its process: two runs may be at it.
const CACHE = join(homedir(), '.cache/gatepass-image');
const RELEASE = 'bookworm';

/** Rootless and nested, as in a container of a CI: no overlay, no namespaces. */
const environment = { ...process.env, BUILDAH_ISOLATION: 'chroot', STORAGE_DRIVER: 'vfs' };

/** The value of a test's `skip`. */
export function lacksBuildah(): string | false {
  const missing = ['buildah', 'debootstrap'].filter((name) => spawnSync('which', [name]).status);
  if (missing.length > 0) return `apt-get install ${missing.join(' ')}`;
  return process.getuid?.() !== 0 && 'debootstrap needs root';
}

const buildah = (...args: string[]) =>
  execFileSync('buildah', args, {
    env: environment,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  }).trim();

/** Debian's smallest system as an archive; made once, because it takes a minute. */
function debian(): string {
  const archive = join(CACHE, `${RELEASE}.tar`);
  if (existsSync(archive)) return archive;
  const tree = join(CACHE, `tree-${process.pid}`);
  mkdirSync(CACHE, { recursive: true });
  const args = ['--variant=minbase', '--include=ca-certificates,libatomic1', RELEASE, tree];
  execFileSync('debootstrap', args, { stdio: ['ignore', 'ignore', 'inherit'] });
  appendFileSync(join(tree, 'etc/passwd'), 'node:x:1000:1000::/home/node:/bin/sh\n');
  appendFileSync(join(tree, 'etc/group'), 'node:x:1000:\n');
  // This machine's certificates and what its npm has loaded already are good for the image's npm too.
  copyFileSync(
    '/etc/ssl/certs/ca-certificates.crt',
    join(tree, 'etc/ssl/certs/ca-certificates.crt'),
  );
  for (const name of ['cache', 'lib/apt/lists'])
    rmSync(join(tree, 'var', name), { recursive: true });
  const made = `${archive}.${process.pid}`;
  execFileSync('tar', ['-C', tree, '-cf', made, '.']);
  rmSync(tree, { recursive: true });
  renameSync(made, archive);
  return archive;
}

/** Like the official image of Node.js: Debian, node, npm, and the user `node`. */
function createBase(): string {
  const container = buildah('from', 'scratch');
  buildah('add', '--quiet', container, debian(), '/');
  const local = join(CACHE, `local-${process.pid}`);
  mkdirSync(join(local, 'bin'), { recursive: true });
  mkdirSync(join(local, 'etc'));
  copyFileSync(process.execPath, join(local, 'bin/node'));
  const modules = execFileSync('npm', ['root', '--global'], { encoding: 'utf8' }).trim();
  cpSync(join(modules, 'npm'), join(local, 'lib/node_modules/npm'), { recursive: true });
  symlinkSync('../lib/node_modules/npm/bin/npm-cli.js', join(local, 'bin/npm'));
  writeFileSync(join(local, 'etc/npmrc'), 'prefer-offline=true\n');
  buildah('copy', '--quiet', container, local, '/usr/local');
  rmSync(local, { recursive: true });
  for (const each of [
    'PATH=/usr/local/bin:/usr/local/sbin:/usr/bin:/usr/sbin:/bin:/sbin',
    'NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt',
  ])
    buildah('config', '--env', each, container);
  buildah('commit', '--quiet', '--rm', container, BASE);
  return BASE;
}

const BASE = `localhost/gatepass-test-base:${process.pid}`;
const IMAGE = `localhost/gatepass-test:${process.pid}`;

/** Builds deploy/Dockerfile on a base of our own, because a CI may not pull one. */
export function buildImage(): void {
  const cache = execFileSync('npm', ['config', 'get', 'cache'], { encoding: 'utf8' }).trim();
  const base = ['--build-arg', `BASE=${createBase()}`, '--pull-never'];
  const npm = ['--volume', `${cache}:/root/.npm`];
  buildah('build', '-f', join(DEPLOY, 'Dockerfile'), ...base, ...npm, '-t', IMAGE, ROOT);
}

export function removeImages(): void {
  spawnSync('buildah', ['rmi', '--force', IMAGE, BASE], { env: environment });
}

export type Config = {
  readonly User: string;
  readonly Entrypoint: readonly string[];
  readonly Cmd: readonly string[];
  readonly Volumes: Readonly<Record<string, object>>;
};

/** What the image says of itself. */
export function configOf(): Config {
  return JSON.parse(buildah('inspect', '--type', 'image', IMAGE)).Docker.config;
}

export type Container = {
  /** Runs a command as the image's user, with the image's environment. */
  start(
    command: readonly string[],
    env?: Readonly<Record<string, string>>,
  ): ReturnType<typeof spawn>;
  remove(): void;
};

export function createContainer(): Container {
  const container = buildah('from', '--pull-never', IMAGE);
  return {
    start: (command, env = {}) =>
      spawn(
        'buildah',
        [
          'run',
          ...Object.entries(env).flatMap(([name, value]) => ['--env', `${name}=${value}`]),
          container,
          '--',
          ...command,
        ],
        { env: environment, stdio: ['ignore', 'pipe', 'inherit'] },
      ),
    remove: () => void spawnSync('buildah', ['rm', container], { env: environment }),
  };
}
