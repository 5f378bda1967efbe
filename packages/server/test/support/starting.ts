/** `gatepass serve` as a process that may never serve: what it says and how it ends. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { BIN, environmentOf } from './process.ts';

export type Starting = {
  readonly child: ChildProcess;
  stdout(): string;
  stderr(): string;
  /** Exit code or signal; `'hangs'` where it has not ended by itself in time. */
  ended(): Promise<number | string>;
  says(pattern: RegExp): Promise<void>;
};

// Only catches hangs.
const DEADLINE_MS = 120_000;

/** @param prefix a program that runs the command, such as one that gives it a terminal */
export async function startServe(
  t: { after(work: () => unknown): void },
  directory: string,
  env: Record<string, string> = {},
  prefix: (command: string[]) => string[] = (command) => command,
): Promise<Starting> {
  const [program = '', ...args] = prefix([process.execPath, BIN, 'serve']);
  const child = spawn(program, args, {
    cwd: directory,
    env: await environmentOf(directory, {
      GATEPASS_PORT: '0',
      GATEPASS_ADMIN_PORT: 'off',
      NO_COLOR: '1',
      ...env,
    }),
    stdio: ['pipe', 'pipe', 'pipe'],
    // A process group of its own, to be signalled as a terminal does.
    detached: true,
  });
  let [stdout, stderr] = ['', ''];
  child.stdout?.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    stderr += chunk;
  });
  const exited = once(child, 'exit').then(([code, signal]): number | string => code ?? signal);
  t.after(() => {
    try {
      process.kill(-(child.pid ?? 0), 'SIGKILL');
    } catch {
      // It has ended.
    }
  });
  return {
    child,
    stdout: () => stdout,
    stderr: () => stderr,
    ended: () => Promise.race([exited, sleep(DEADLINE_MS, 'hangs', { ref: false })]),
    async says(pattern) {
      for (
        const deadline = Date.now() + DEADLINE_MS;
        !pattern.test(stdout + stderr);
        await sleep(20)
      )
        if (Date.now() > deadline || child.exitCode !== null)
          throw new Error(`it does not say ${pattern}:\n${stdout}\n${stderr}`);
    },
  };
}

/** The processes that a process has started. */
export function childrenOf(pid: number | undefined): number[] {
  try {
    const listed = execFileSync('ps', ['-o', 'pid=', '--ppid', String(pid)]).toString();
    return listed.split('\n').map(Number).filter(Boolean);
  } catch {
    return [];
  }
}
