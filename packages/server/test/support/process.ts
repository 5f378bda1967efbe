/** A real `gatepass serve` process, for what only processes can show: signals, crashes, starts. */

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { databaseOf, engine, workDirectory } from './databases.ts';
import type { Running } from './node.ts';

const { GATEPASS_TEST_BIN: bundled, NODE_COMPILE_CACHE: cache } = process.env;

export const SOURCE_BIN = join(import.meta.dirname, '../../bin/gatepass.js');
/** The bundle of this run (scripts/test.ts --bundle): it starts in half the time of the source. */
export const BIN = bundled ?? SOURCE_BIN;

export { workDirectory };

export type Server = Running & {
  readonly child: ChildProcess;
  readonly log: string[];
  /** Resolves to the exit code or the signal's name. */
  readonly exited: Promise<number | string>;
};

/** What a command in this directory is given: all that work in one share a database. */
export const environmentOf = async (
  directory: string,
  env: Readonly<Record<string, string>> = {},
): Promise<NodeJS.ProcessEnv> => ({
  // Neither the tests' own settings, of which it would warn, nor those of the person who tests.
  ...Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith('GATEPASS_')),
  ),
  // A bundle has a cache beside it.
  ...(bundled !== undefined && cache !== undefined && { NODE_COMPILE_CACHE: undefined }),
  // The default names the file of `databaseOf`.
  ...(engine === 'postgres' && { GATEPASS_DATABASE_URL: await databaseOf(directory) }),
  ...env,
});

/** Starts a server on a free port and waits for its first line; ends it with the test. */
export async function startProcess(
  t: { after(end: () => unknown): void },
  directory: string,
  env: Record<string, string> = {},
  bin = BIN,
): Promise<Server> {
  const child = spawn(process.execPath, [bin, 'serve'], {
    cwd: directory,
    env: await environmentOf(directory, {
      GATEPASS_PORT: '0',
      GATEPASS_ADMIN_PORT: 'off',
      GATEPASS_RATE_LIMITS: 'off',
      ...env,
    }),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  const exited = once(child, 'exit').then(([code, signal]) => code ?? signal);
  const log: string[] = [];
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      log.push(line);
      const { url } = JSON.parse(line);
      if (url) resolve(url);
    });
    exited.then((code) => reject(new Error(`the server exited with ${code}: ${log.join('\n')}`)));
  });
  return {
    ...{ url, child, log, exited },
    async stop() {
      child.kill('SIGTERM');
      assert.equal(await exited, 0);
    },
  };
}

/** POSTs JSON; `undefined` when the connection broke before a complete answer. */
export async function post(
  url: string,
  path: string,
  body: object,
): Promise<{ status: number; body: Record<string, unknown> } | undefined> {
  try {
    const response = await fetch(url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  } catch {
    return undefined;
  }
}
