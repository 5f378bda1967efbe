/** APIs behind a proxy that return the identity of the proxy's headers, one for each kind of backend. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { freePort, isMissing, listen, PYTHON, start } from './programs.ts';

/** The values of all headers that such a backend would take for the name of the user, the session. */
export type Named = {
  readonly user: readonly string[];
  readonly session: readonly string[];
  readonly role: readonly string[];
};

export type Backend = {
  readonly name: string;
  /** False, or why it cannot be had here. */
  readonly missing: string | false;
  /** @returns its port */
  readonly start: (t: TestContext) => Promise<number>;
};

const DIRECTORY = join(import.meta.dirname, '../backends');

/** Node keeps spellings apart: every one is told. */
function describe({ rawHeaders }: IncomingMessage, response: ServerResponse): void {
  const valuesOf = (wanted: string) =>
    rawHeaders.filter(
      (_, i) => i % 2 === 1 && rawHeaders[i - 1]?.toLowerCase().replace(/[^a-z]/g, '-') === wanted,
    );
  response.setHeader('content-type', 'application/json');
  response.end(
    JSON.stringify({
      user: valuesOf('x-gatepass-user-id'),
      session: valuesOf('x-gatepass-session-id'),
      role: valuesOf('x-gatepass-claim-role'),
    } satisfies Named),
  );
}

async function startProgram(
  t: TestContext,
  program: string,
  argsFor: (port: number) => string[],
  env: Record<string, string> = {},
): Promise<number> {
  const port = await freePort();
  const args = argsFor(port);
  await start(t, port, { program, args, cwd: DIRECTORY, env: { ...env, PORT: String(port) } });
  return port;
}

const gunicorn = (port: number) => ['-b', `127.0.0.1:${port}`, '-w', '1', 'identity:app'];

/** The newest at the time of writing; it drops headers with underscores, and Debian's does not. */
const NEW_GUNICORN = '27.0.1';
const NEW_GUNICORN_AT = join(tmpdir(), `gatepass-gunicorn-${NEW_GUNICORN}`);

/** Installs it once for each machine. */
function newGunicornIsMissing(): string | false {
  if (existsSync(join(NEW_GUNICORN_AT, 'gunicorn/__main__.py'))) return false;
  const pip = ['-m', 'pip', 'install', '--quiet', '--retries', '0', '--timeout', '5'];
  const wanted = ['--target', NEW_GUNICORN_AT, `gunicorn==${NEW_GUNICORN}`];
  const { status } = spawnSync('python3', [...pip, ...wanted], { stdio: 'ignore' });
  return status === 0 ? false : `pip cannot install gunicorn ${NEW_GUNICORN} here`;
}

export const backends: readonly Backend[] = [
  { name: 'Node', missing: false, start: (t) => listen(t, describe) },
  {
    name: 'wsgiref',
    missing: isMissing(PYTHON, '--version'),
    start: (t) => startProgram(t, PYTHON, () => ['identity.py']),
  },
  {
    name: "Debian's gunicorn",
    missing: isMissing('/usr/bin/gunicorn', '--version'),
    start: (t) => startProgram(t, '/usr/bin/gunicorn', gunicorn),
  },
  {
    name: `gunicorn ${NEW_GUNICORN}`,
    missing: newGunicornIsMissing(),
    start: (t) =>
      startProgram(t, 'python3', (port) => ['-m', 'gunicorn', ...gunicorn(port)], {
        PYTHONPATH: NEW_GUNICORN_AT,
      }),
  },
  {
    name: 'PHP',
    missing: isMissing('php', '--version'),
    start: (t) =>
      startProgram(t, 'php', (port) => ['-S', `127.0.0.1:${port}`, '-q', 'identity.php']),
  },
];
