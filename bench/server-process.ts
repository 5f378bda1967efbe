/** Starts, watches and ends one server. Only processes started here are ever signalled. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { get } from 'node:http';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from './machine.ts';

const POLL_MS = 5;
const START_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 10_000;

export type ServerProcess = {
  readonly url: string;
  /** Milliseconds from spawn to the first 200. */
  readonly startedInMs: number;
  readonly pid: number;
  residentMiB(): number;
  stop(): Promise<void>;
};

export type Launch = {
  name: string;
  command: Command;
  environment: Record<string, string>;
  directory: string;
  port: number;
  /** Answers 200 once the server is up. */
  healthPath: string;
  logFile: string;
};

const alive = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of alive) child.kill('SIGTERM');
});

export async function startServer(launch: Launch): Promise<ServerProcess> {
  const [program, ...args] = launch.command;
  const log = openSync(launch.logFile, 'a');
  const start = performance.now();
  const child = spawn(program, args, {
    cwd: launch.directory,
    env: launch.environment,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  alive.add(child);
  const ended = new Promise<void>((resolve) => {
    const end = () => {
      alive.delete(child);
      resolve();
    };
    child.once('exit', end);
    child.once('error', end);
  });

  async function stop(): Promise<void> {
    if (!alive.has(child)) return;
    child.kill('SIGTERM');
    const abort = new AbortController();
    const late = sleep(STOP_TIMEOUT_MS, 'late', { signal: abort.signal }).catch(() => undefined);
    if ((await Promise.race([ended, late])) === 'late') child.kill('SIGKILL');
    abort.abort();
    await ended;
  }

  const url = `http://127.0.0.1:${launch.port}`;
  while (!(await isUp(url + launch.healthPath))) {
    const timedOut = performance.now() - start > START_TIMEOUT_MS;
    if (timedOut || !alive.has(child)) {
      await stop();
      const tail = readFileSync(launch.logFile, 'utf8').split('\n').slice(-15).join('\n');
      throw new Error(`${launch.name} ${timedOut ? 'did not answer' : 'ended'} at start:\n${tail}`);
    }
    await sleep(POLL_MS);
  }
  const startedInMs = performance.now() - start;
  const pid = child.pid ?? 0;
  return { url, startedInMs, pid, residentMiB: () => residentMiB(pid), stop };
}

/** A free port. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' ? (address?.port ?? 0) : 0));
    });
  });
}

function isUp(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get(url, { agent: false, timeout: 2000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.once('timeout', () => request.destroy());
    request.once('error', () => resolve(false));
  });
}

/** The largest process of the tree: the server itself, or a pre-fork server's worker. */
function residentMiB(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const own = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').match(/\d+/g) ?? [];
  return Math.max(own, ...children.map((child) => residentMiB(Number(child))));
}
