/** The resources of this machine: cores to pin to, a load generator, a scratch directory. */
import { execFileSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { delimiter, join } from 'node:path';

export const benchDirectory = import.meta.dirname;
export const repository = join(benchDirectory, '..');
const isInstalled = (name: string) => existsSync(join(benchDirectory, 'node_modules', name));
const autocannonInstalled = () => isInstalled('autocannon');
export const peersInstalled = () => autocannonInstalled() && isInstalled('fast-jwt');

export type Command = readonly [program: string, ...args: string[]];

export type Machine = {
  /** Scratch space, removed at the end. */
  readonly directory: string;
  readonly python: string;
  readonly loadTool: 'wrk' | 'autocannon';
  /** Cores a server may use. */
  readonly serverCores: number;
  forServer(command: Command): Command;
  forLoad(command: Command): Command;
  /** Lines for the report. */
  readonly description: readonly string[];
  readonly warnings: readonly string[];
};

export function inspectMachine(directory: string, python: string, mayPin = true): Machine {
  const cores = availableParallelism();
  const pinned = mayPin && isOnPath('taskset') && cores >= 2;
  const loadTool = isOnPath('wrk') ? 'wrk' : 'autocannon';
  if (loadTool === 'autocannon' && !autocannonInstalled()) {
    throw new Error('neither wrk is installed nor autocannon: run "npm ci --prefix bench"');
  }
  const warnings: string[] = [];
  if (!pinned) {
    warnings.push('not pinned: server and load share all cores');
  }
  if (loadTool === 'autocannon') {
    warnings.push('wrk is not installed: autocannon takes more of a core than fast servers do');
  }
  const [load = 0] = loadavg();
  if (load > 0.5) {
    warnings.push(`load average ${load.toFixed(1)}: something else is running, figures may be off`);
  }
  return {
    directory,
    python,
    loadTool,
    serverCores: pinned ? 1 : cores,
    forServer: (command) => (pinned ? ['taskset', '-c', '0', ...command] : command),
    forLoad: (command) => (pinned ? ['taskset', '-c', '1', ...command] : command),
    description: [
      `${cpus()[0]?.model ?? 'unknown CPU'}, ${cores} cores${pinned ? '; server on one, load on the other' : ''}`,
      `Node.js ${process.versions.node}, load by ${loadTool === 'wrk' ? wrkVersion() : 'autocannon'}`,
    ],
    warnings,
  };
}

/** A clean environment, so that the operator's shell does not influence the figures. */
export const environment = (own: Record<string, string>): Record<string, string> => ({
  PATH: process.env['PATH'] ?? '/usr/bin:/bin',
  HOME: process.env['HOME'] ?? '/',
  LANG: 'C.UTF-8',
  ...own,
});

export function isOnPath(program: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((directory) => {
    try {
      accessSync(join(directory, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function wrkVersion(): string {
  try {
    execFileSync('wrk', ['-v'], { encoding: 'utf8', stdio: 'pipe' });
  } catch (error) {
    // `wrk -v` prints its version and exits with 1.
    const output = error instanceof Error && 'stdout' in error ? String(error.stdout) : '';
    const version = /^wrk (?:debian\/)?([\d.]+)/.exec(output)?.[1];
    if (version) return `wrk ${version}`;
  }
  return 'wrk';
}
