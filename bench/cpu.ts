/** Measures processor time of processes, and bounds it. Linux only. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const TICKS_A_SECOND = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
const PERIOD_US = 10_000;

/** Microseconds that a process has taken, with every process it has started. */
export function cpuMicroseconds(pid: number): number {
  // The name, in brackets, may contain blanks.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  const [user = 0, system = 0, endedUser = 0, endedSystem = 0] = fields.slice(11, 15).map(Number);
  const own = ((user + system + endedUser + endedSystem) / TICKS_A_SECOND) * 1e6;
  return childrenOf(pid).reduce((sum, child) => sum + cpuMicroseconds(child), own);
}

function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.split(' ').map(Number).filter(Boolean);
}

/** A control group of version 2, or the "cpu" one of version 1: where a root may write. */
const ROOTS = [
  {
    path: '/sys/fs/cgroup',
    mark: 'cgroup.controllers',
    files: (share: number) => ({ 'cpu.max': `${Math.round(share * PERIOD_US)} ${PERIOD_US}` }),
  },
  {
    path: '/sys/fs/cgroup/cpu',
    mark: 'cpu.cfs_quota_us',
    files: (share: number) => ({
      'cpu.cfs_period_us': String(PERIOD_US),
      'cpu.cfs_quota_us': String(Math.round(share * PERIOD_US)),
    }),
  },
];

/**
 * Limits a process to a share of one core, even if others are idle.
 *
 * @returns a function that removes the limit
 * @throws {Error} if this user may not make control groups
 */
export function limitCpu(pid: number, share: number): () => void {
  const root = ROOTS.find(({ path, mark }) => existsSync(join(path, mark)));
  if (!root) throw new Error('no control groups: they bound what a node may take');
  const group = join(root.path, `gatepass-bench-${process.pid}-${pid}`);
  mkdirSync(group);
  for (const [name, text] of Object.entries(root.files(share)))
    writeFileSync(join(group, name), text);
  writeFileSync(join(group, 'cgroup.procs'), String(pid));
  return () => {
    // Remaining processes go back to the parent group.
    for (const left of readFileSync(join(group, 'cgroup.procs'), 'utf8')
      .split('\n')
      .filter(Boolean))
      writeFileSync(join(root.path, 'cgroup.procs'), left);
    rmdirSync(group);
  };
}
