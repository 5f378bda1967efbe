import type { Progress } from '../backup/backup-error.ts';
import type { Io } from './context.ts';
import { createProgress } from './progress.ts';

/** One bar for each step of the work. */
export function bars(io: Io): Progress {
  let current = '';
  let show: (done: number) => void = () => {};
  return (what, done, total) => {
    if (what !== current) show = createProgress(io, what, total);
    current = what;
    show(done);
  };
}
