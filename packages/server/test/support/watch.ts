/**
 * A stop-watch of this process's own time: it counts ticks of the event loop, and while the machine
 * lets the process wait none comes. For what is bounded by a timer in this very process.
 */
const TICK_MS = 50;

export function startWatch() {
  let ticks = 0;
  const timer = setInterval(() => ticks++, TICK_MS).unref();
  return {
    /** Milliseconds, at most those of the clock on the wall. */
    lived: (): number => ticks * TICK_MS,
    stop: (): void => clearInterval(timer),
  };
}
