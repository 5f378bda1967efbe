/** Bars on the terminal, on standard error; nothing without a terminal. */
import type { Progress } from '../backup/backup-error.ts';
import type { Io } from './context.ts';

const WIDTH = 30;
const REDRAW_MS = 100;

/**
 * One bar for each step of the work, such as "importing".
 *
 * @returns called with how many of `total` are done; `total` itself ends the line
 */
export function createProgress(io: Io): Progress {
  let current = '';
  let show: (done: number) => void = () => {};
  return (what, done, total) => {
    if (what !== current) show = createBar(io, what, total);
    current = what;
    show(done);
  };
}

function createBar({ stderr, interrupt }: Io, what: string, total: number): (done: number) => void {
  // Long work calls this regularly, so an interruption thrown here lets it clean up.
  const pass = () => interrupt?.throwIfAborted();
  if (!stderr.isTTY || total === 0) return pass;
  let drawnAt = 0;
  return (done) => {
    pass();
    const now = performance.now();
    if (done < total && now - drawnAt < REDRAW_MS) return;
    drawnAt = now;
    const filled = Math.round((WIDTH * done) / total);
    const bar = '#'.repeat(filled).padEnd(WIDTH, '.');
    stderr.write(`\r${what} [${bar}] ${done} of ${total}${done >= total ? '\n' : ''}`);
  };
}
