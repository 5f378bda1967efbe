/** A real Django with SimpleJWT's own views, where the machine has one. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { copyDatabase, PROJECT } from './prepared.ts';

const NEEDED = `import django, rest_framework_simplejwt, gunicorn, argon2, bcrypt, yaml
from importlib.metadata import version
print(*map(version, ("Django", "djangorestframework-simplejwt", "argon2-cffi", "bcrypt")))`;

/** A Python that has Django and SimpleJWT. */
export type Stack = {
  readonly name: string;
  readonly python: string;
  /** Of what makes its database. */
  readonly versions: string;
  /** Why the tests that need it cannot run here; `false` = they can. */
  readonly missing: string | false;
};

function stackOf(name: string, python: string, toInstall: string): Stack {
  const { status, stdout } = spawnSync(python, ['-c', NEEDED]);
  const missing = status === 0 ? false : `needs ${toInstall}`;
  return { name, python, versions: String(stdout), missing };
}

/** Debian 12: Django 3.2, SimpleJWT 5.2. */
export const DEBIAN = stackOf(
  'Debian’s Django',
  '/usr/bin/python3',
  'python3-djangorestframework-simplejwt gunicorn python3-argon2 python3-bcrypt python3-yaml',
);

/** Django 5.2, SimpleJWT 5.5. */
export const NEWEST = stackOf(
  'the newest Django LTS',
  join(import.meta.dirname, '.venv/bin/python'),
  'test/django/make-venv.sh',
);

export const STACKS = [DEBIAN, NEWEST];

export type Django = {
  readonly url: string;
  readonly port: number;
  readonly users: readonly (readonly [email: string, password: string])[];
  /** On its port, with its database as it is now. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** What `manage.py shell < script` does. */
  shell(script: string, variables: Record<string, string>): ShellResult;
  /** What `manage.py ARGS` does; its output. */
  manage(...args: readonly string[]): string;
};

type ShellResult = {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
};

/** One that does not serve yet, with an account for every password hasher it has. */
export async function createDjango(
  t: TestContext,
  database: string,
  secret: string,
  variables: Readonly<Record<string, string>> = {},
  { python, versions }: Stack = DEBIAN,
): Promise<Django> {
  const settings: Readonly<Record<string, string>> = {
    DJANGO_SETTINGS_MODULE: 'settings',
    ...variables,
  };
  const { DJANGO_MAILS: _mails, ...kind } = settings;
  const users = copyDatabase({ python, versions, variables: kind }, database);
  const env = {
    ...settings,
    PATH: process.env['PATH'],
    DJANGO_DATABASE: database,
    DJANGO_SECRET: secret,
  };
  const options = { cwd: PROJECT, env, encoding: 'utf8' } as const;
  const port = await freePort();
  const flags = ['--bind', `127.0.0.1:${port}`, '--workers', '1', 'wsgi'];
  const url = `http://127.0.0.1:${port}`;
  let child: ChildProcess | undefined;
  t.after(() => child?.kill('SIGKILL'));
  return {
    url,
    port,
    users,
    async start() {
      child = spawn(python, ['-B', '-m', 'gunicorn', ...flags], {
        cwd: PROJECT,
        env,
        stdio: 'ignore',
      });
      await answering(`${url}/healthz`);
    },
    async stop() {
      if (!child) return;
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
    },
    shell(script, variables) {
      const shell = { ...options, env: { ...env, ...variables }, input: script };
      const { status, stdout, stderr } = spawnSync(python, ['-B', '-m', 'django', 'shell'], shell);
      return { code: status, stdout, stderr };
    },
    manage: (...args) => execFileSync(python, ['-B', '-m', 'django', ...args], options),
  };
}

export async function startDjango(...parts: Parameters<typeof createDjango>): Promise<Django> {
  const django = await createDjango(...parts);
  await django.start();
  return django;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

async function answering(url: string): Promise<void> {
  // Only catches hangs.
  const deadline = performance.now() + 120_000;
  for (;;) {
    const status = await fetch(url).then(
      (response) => response.status,
      () => 0,
    );
    if (status === 200) return;
    if (performance.now() > deadline) throw new Error(`${url} does not answer`);
    await sleep(50);
  }
}
