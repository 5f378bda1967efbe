/** A real Django with SimpleJWT's own views, where the machine has one. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

const PROJECT = join(import.meta.dirname, 'project');
const NEEDED = 'import django, rest_framework_simplejwt, gunicorn, argon2, bcrypt, yaml';

/** A Python that has Django and SimpleJWT. */
export type Stack = {
  readonly name: string;
  readonly python: string;
  /** Why the tests that need it cannot run here; `false` = they can. */
  readonly missing: string | false;
};

const stackOf = (name: string, python: string, toInstall: string): Stack => ({
  name,
  python,
  missing: spawnSync(python, ['-c', NEEDED]).status === 0 ? false : `needs ${toInstall}`,
});

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
  stop(): Promise<void>;
  /** Once more, on the same port and with its database as it is now. */
  start(): Promise<void>;
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

/** Starts it on a free port with an account for every password hasher it has. */
export async function startDjango(
  t: TestContext,
  database: string,
  secret: string,
  variables: Readonly<Record<string, string>> = {},
  { python }: Stack = DEBIAN,
): Promise<Django> {
  const env = {
    ...variables,
    PATH: process.env['PATH'],
    DJANGO_SETTINGS_MODULE: variables['DJANGO_SETTINGS_MODULE'] ?? 'settings',
    DJANGO_DATABASE: database,
    DJANGO_SECRET: secret,
  };
  const options = { cwd: PROJECT, env, encoding: 'utf8' } as const;
  const users = JSON.parse(execFileSync(python, ['-B', 'setup_database.py'], options));
  const port = await freePort();
  const flags = ['--bind', `127.0.0.1:${port}`, '--workers', '1', 'wsgi'];
  const url = `http://127.0.0.1:${port}`;
  let child: ChildProcess | undefined;
  t.after(() => child?.kill('SIGKILL'));
  const start = async () => {
    child = spawn(python, ['-B', '-m', 'gunicorn', ...flags], {
      cwd: PROJECT,
      env,
      stdio: 'ignore',
    });
    await answering(`${url}/healthz`);
  };
  await start();
  return {
    url,
    port,
    users,
    start,
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
