/** Starts and kills servers, in a directory of the experiment's own. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { type Engine, engine } from '../../../packages/server/test/support/databases.ts';
import { startPostgres } from '../../../packages/server/test/support/postgres.ts';
import { SECRET } from '../../../packages/server/test/support/service.ts';
import type { Plant } from './plants.ts';

const ROOT = join(import.meta.dirname, '../../..');
const SOURCE_BIN = join(ROOT, 'packages/server/bin/gatepass.js');
/** The bundle of this run (run.ts): it starts in half the time of the source. */
const bundle = process.env['GATEPASS_CHAOS_BUNDLE'];
const BIN = bundle ? join(bundle, 'bin/gatepass.js') : SOURCE_BIN;
const PLANTED = bundle
  ? join(bundle, 'lib/planted-server.js')
  : join(import.meta.dirname, 'planted-server.ts');

/** A request without a response after this time counts as unanswered. */
const ANSWER_WITHIN_MS = 30_000;

/** A bug in the database, or one in a module that a preloaded program replaces. */
type Planted = Plant | { readonly preload: string };

/** A bundle has no modules that could be replaced. */
const commandOf = (plant: Planted | undefined): string[] => {
  if (typeof plant === 'object') return ['--import', plant.preload, SOURCE_BIN, 'serve'];
  return plant ? [PLANTED, plant] : [BIN, 'serve'];
};

export type Lab = Awaited<ReturnType<typeof createLab>>;
export type Server = {
  readonly url: string;
  kill(): Promise<void>;
  signal(name: 'SIGSTOP' | 'SIGKILL'): void;
  /** Sends SIGTERM; resolves to the exit code when the process has ended. */
  stop(): Promise<number | null>;
};

/** Runs an experiment and leaves none of its processes and files behind. */
export async function withLab<T>(work: (lab: Lab) => Promise<T>, on: Engine = engine): Promise<T> {
  const lab = await createLab(on);
  try {
    return await work(lab);
  } finally {
    await lab.close();
  }
}

let shared: ReturnType<typeof startPostgres> | undefined;

async function createLab(on: Engine) {
  const directory = await mkdtemp(join(tmpdir(), 'gatepass-chaos-'));
  const children = new Set<ChildProcess>();
  // With fsync, as in production. It ends with this process; only its database is new each time.
  if (on === 'postgres') shared ??= startPostgres({ isDurable: true });
  const postgres = on === 'postgres' ? await shared : undefined;
  await postgres?.query('create database gatepass');
  const env = {
    ...process.env,
    GATEPASS_PORT: '0',
    GATEPASS_ADMIN_PORT: 'off',
    GATEPASS_RATE_LIMITS: 'off',
    GATEPASS_TEST_ENGINE: undefined,
    GATEPASS_CHAOS_BUNDLE: undefined,
    ...(bundle && { NODE_COMPILE_CACHE: join(bundle, 'cache') }),
    GATEPASS_DATABASE_URL: postgres?.urlOf('gatepass') ?? 'sqlite:./gatepass.db',
    GATEPASS_SECRET: SECRET,
    GATEPASS_LOG_LEVEL: 'info',
  };

  const kill = async (child: ChildProcess): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
    children.delete(child);
  };

  return {
    databaseUrl: postgres?.urlOf('gatepass') ?? `sqlite:${directory}/gatepass.db`,

    /** The server of the database; absent with SQLite. */
    postgres,

    path: (name: string) => join(directory, name),

    /** Runs one command, which must succeed. */
    async run(...args: string[]): Promise<void> {
      await promisify(execFile)(process.execPath, [BIN, ...args], { cwd: directory, env });
    },

    /** Starts the real command; with a planted bug, the same composition around a faulty database. */
    async start(
      plant: Planted | undefined,
      variables: Record<string, string> = {},
    ): Promise<Server> {
      const child = spawn(process.execPath, commandOf(plant), {
        cwd: directory,
        env: {
          ...env,
          ...variables,
        },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      children.add(child);
      const url = await new Promise<string>((resolve, reject) => {
        createInterface({ input: child.stdout }).on('line', (line) => {
          const { url } = JSON.parse(line);
          if (url) resolve(url);
        });
        child.once('exit', (code) => reject(new Error(`the server exited with ${code}`)));
      });
      return {
        url,
        kill: () => kill(child),
        signal: (name) => child.kill(name),
        async stop() {
          const exited = once(child, 'exit');
          child.kill('SIGTERM');
          const [code] = await exited;
          children.delete(child);
          return code;
        },
      };
    },

    async close(): Promise<void> {
      await Promise.all([...children].map(kill));
      await postgres?.query('drop database gatepass with (force)');
      await rm(directory, { recursive: true, force: true });
    },
  };
}

export type Answer = { readonly status: number; readonly body: Record<string, unknown> };
type Request = {
  readonly method?: string;
  readonly body?: object;
  readonly access?: string;
  readonly userAgent?: string | undefined;
};

/** A complete response, or `undefined` when the connection broke before its last byte. */
export async function ask(
  { url }: Pick<Server, 'url'>,
  path: string,
  { method = 'POST', body, access, userAgent }: Request,
): Promise<Answer | undefined> {
  try {
    const response = await fetch(url + path, {
      method,
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      headers: {
        ...(body && { 'content-type': 'application/json' }),
        ...(access && { authorization: `Bearer ${access}` }),
        ...(userAgent && { 'user-agent': userAgent }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text ? JSON.parse(text) : {} };
  } catch {
    return undefined;
  }
}

export const refreshAt = (server: Pick<Server, 'url'>, refresh: string, userAgent?: string) =>
  ask(server, '/api/token/refresh', { body: { refresh }, userAgent });

export const verifyAt = (server: Pick<Server, 'url'>, token: string) =>
  ask(server, '/api/token/verify', { body: { token } });
