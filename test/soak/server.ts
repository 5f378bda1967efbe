/** The server under soak, as the system sees it: its processes, their memory and descriptors. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { SECRET } from '../../packages/server/test/support/service.ts';

const ROOT = join(import.meta.dirname, '../..');
const BIN = join(ROOT, 'packages/server/bin/gatepass.js');
const PLANTED = join(ROOT, 'test/chaos/support/planted-server.ts');
const MAX_LINES = 50;

export type Soaked = Awaited<ReturnType<typeof startServer>>;
export type Usage = { readonly rss: number; readonly descriptors: number };
/** By the number of the process. */
export type Usages = ReadonlyMap<number, Usage>;

/** @param isPlanted with the planted bug of invariant I3: a refresh token can get two successors */
export async function startServer(directory: string, isPlanted: boolean) {
  const child = spawn(process.execPath, isPlanted ? [PLANTED, 'I3'] : [BIN, 'serve'], {
    cwd: directory,
    env: {
      ...process.env,
      GATEPASS_PORT: '0',
      GATEPASS_ADMIN_PORT: 'off',
      GATEPASS_RATE_LIMITS: 'off',
      GATEPASS_DATABASE_URL: 'sqlite:./gatepass.db',
      GATEPASS_SECRET: SECRET,
      GATEPASS_WORKERS: '2',
      GATEPASS_METRICS_PORT: '0',
      GATEPASS_ROTATE_REFRESH_TOKENS: 'true',
      GATEPASS_TRUSTED_PROXIES: '127.0.0.1/32',
      GATEPASS_LOG_LEVEL: 'info',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit').then(([code, signal]) => code ?? signal);
  /** Lines that say that something went wrong inside; the first of them. */
  const errors: string[] = [];
  const first = await new Promise<{ url: string; metrics?: string }>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const entry = JSON.parse(line);
      if (entry.url) resolve(entry);
      if (/error|fatal/.test(entry.level ?? '') && errors.length < MAX_LINES) errors.push(line);
    });
    exited.then((code) => reject(new Error(`the server exited with ${code}`)));
  });

  return {
    url: first.url,
    metrics: first.metrics,
    errors,
    workers: () => childrenOf(child),

    usage(): Usages {
      const pids = [child.pid ?? 0, ...childrenOf(child)];
      return new Map(pids.map((pid) => [pid, usageOf(pid)]));
    },

    /** @returns the exit code of a stop that was asked for */
    async stop(): Promise<number | string> {
      child.kill('SIGTERM');
      return exited;
    },

    /** A worker that was stopped when something went wrong here must not be left behind. */
    kill(): void {
      for (const pid of childrenOf(child)) process.kill(pid, 'SIGKILL');
      child.kill('SIGKILL');
    },
  };
}

/** Linux tells; elsewhere there is nothing to stop or to measure. */
function childrenOf({ pid }: ChildProcess): number[] {
  const path = `/proc/${pid}/task/${pid}/children`;
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8').trim().split(' ').filter(Boolean).map(Number);
}

function usageOf(pid: number): Usage {
  try {
    const [, kilobytes = '0'] = /^VmRSS:\s+(\d+) kB/m.exec(read(pid, 'status')) ?? [];
    return { rss: Number(kilobytes) * 1024, descriptors: readdirSync(`/proc/${pid}/fd`).length };
  } catch {
    // It has just ended.
    return { rss: 0, descriptors: 0 };
  }
}

const read = (pid: number, file: string) => readFileSync(`/proc/${pid}/${file}`, 'utf8');
