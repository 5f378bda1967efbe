/** A real PgBouncer in front of a PostgreSQL of the tests, where one is installed. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './postgres.ts';

/** For the options of a test. */
export const NEEDS_PGBOUNCER = {
  skip:
    spawnSync('pgbouncer', ['--version']).status === 0
      ? false
      : 'needs pgbouncer: apt-get install pgbouncer',
} as const;

// It refuses to run as root.
const NOBODY = 65_534;
const owner = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};

type Owner = { after(work: () => unknown): void };
type Mode = 'session' | 'transaction' | 'statement';

/**
 * Starts a pooler that ends with its test.
 *
 * @param url any database of the server behind it
 * @param lines of its configuration
 * @returns the URL of a database of the same name through the pooler
 */
export async function startPgBouncer(
  t: Owner,
  url: string,
  mode: Mode,
  lines: readonly string[] = [],
): Promise<(url: string) => string> {
  const directory = await mkdtemp(join(tmpdir(), 'gatepass-pgbouncer-'));
  if ('uid' in owner) await chown(directory, NOBODY, NOBODY);
  const port = await freePort();
  const server = new URL(url);
  const file = join(directory, 'pgbouncer.ini');
  await writeFile(
    file,
    [
      '[databases]',
      `* = host=${server.hostname} port=${server.port} user=${server.username}`,
      '[pgbouncer]',
      `listen_addr = 127.0.0.1`,
      `listen_port = ${port}`,
      'unix_socket_dir =',
      'auth_type = any',
      `pool_mode = ${mode}`,
      'default_pool_size = 30',
      ...lines,
    ].join('\n'),
    { mode: 0o644 },
  );
  const child = spawn('pgbouncer', [file], { ...owner, stdio: ['ignore', 'ignore', 'ignore'] });
  t.after(async () => {
    await stop(child);
    await rm(directory, { recursive: true, force: true });
  });
  await isListening(port);
  return (each) => {
    const through = new URL(each);
    through.port = String(port);
    return through.href;
  };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

async function isListening(port: number): Promise<void> {
  for (const deadline = Date.now() + 30_000; Date.now() < deadline; await sleep(20)) {
    const socket = connect(port, '127.0.0.1');
    const isOpen = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
    });
    socket.destroy();
    if (isOpen) return;
  }
  throw new Error('PgBouncer does not listen');
}
