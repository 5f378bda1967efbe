/** Other people's programs: are they here, on which port do they listen, when are they ready? */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

export const PYTHON = '/usr/bin/python3';
const VENV = join(import.meta.dirname, '../.venv/bin');
/** A program that test/interop/make-venv.sh brings; where it was not run, the machine's. */
export const fromVenv = (program: string, otherwise = program): string =>
  existsSync(join(VENV, program)) ? join(VENV, program) : otherwise;
export const example = (path: string) => join(import.meta.dirname, '../../../examples', path);

/** False, or why a test has to be skipped: the value of its `skip`. */
export function isMissing(program: string, ...check: string[]): string | false {
  const { status, error } = spawnSync(program, check, { stdio: 'ignore' });
  return error || status !== 0 ? `${[program, ...check].join(' ')} fails: not installed` : false;
}

export async function listen(t: TestContext, listener: RequestListener): Promise<number> {
  // A starved client would send on a connection that is just being closed.
  const server = createServer({ keepAliveTimeout: 0 }, listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

/** A copy of an example's folder, with addresses of this test put in place of the defaults. */
export function copyOf(
  t: TestContext,
  name: string,
  file: string,
  places: Record<string, string>,
): string {
  const directory = mkdtempSync(join(tmpdir(), 'gatepass-interop-'));
  t.after(() => rmSync(directory, { recursive: true, force: true, maxRetries: 5 }));
  cpSync(example(name), directory, { recursive: true });
  let text = readFileSync(join(directory, file), 'utf8');
  for (const [from, to] of Object.entries(places)) {
    if (!text.includes(from)) throw new Error(`${name}/${file} does not say ${from}`);
    text = text.replaceAll(from, to);
  }
  writeFileSync(join(directory, file), text);
  return directory;
}

type Command = { program: string; args: string[]; cwd?: string; env?: Record<string, string> };

/** Starts a program that will listen on `port`; resolves when it does; ends it with the test. */
export async function start(t: TestContext, port: number, command: Command): Promise<void> {
  const { program, args, cwd, env } = command;
  const child = spawn(program, args, {
    ...(cwd && { cwd }),
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data));
  const exited = once(child, 'exit');
  t.after(async () => {
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), 5000);
    await exited;
    clearTimeout(timer);
  });
  const deadline = performance.now() + 120_000;
  while (!(await answers(port))) {
    if (child.exitCode !== null || performance.now() > deadline)
      throw new Error(`${program} does not listen (exit code ${child.exitCode}):\n${output}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
