import cluster from 'node:cluster';
import type { Logger } from 'pino';

/** Why the service stops: it was asked to, or an error that nothing caught left it in doubt. */
export type Stop = 'signal' | 'crash';

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;
// One Ctrl+C can come twice, from the terminal and from npm.
const SAME_PRESS_MS = 500;

/**
 * Resolves at the first SIGTERM or SIGINT, or at an error that nothing caught: what it left half
 * done is unknown, so the process finishes open requests and ends; a supervisor starts a new one.
 * A later signal ends the process at once. `release` gives the signals back.
 */
export function listenForStop(logger: Logger) {
  const { promise: stopped, resolve } = Promise.withResolvers<Stop>();
  let askedAt: number | undefined;
  const onSignal = (signal: NodeJS.Signals) => {
    // A terminal sends Ctrl+C to all processes; the parent, which says so, stops its workers.
    if (cluster.isWorker && signal === 'SIGINT') return;
    if (askedAt === undefined) {
      askedAt = performance.now();
      const level = cluster.isWorker ? 'debug' : 'info';
      logger[level]({ signal }, 'stopping: open requests are finished first');
      resolve('signal');
    } else if (performance.now() - askedAt > SAME_PRESS_MS) {
      release();
      process.kill(process.pid, signal);
    }
  };
  // An unhandled rejection comes here too, as `origin` says.
  const onError = (err: unknown, origin: string) => {
    logger.fatal({ err, origin }, 'uncaught error: open requests are finished, then it stops');
    resolve('crash');
  };
  function release(): void {
    for (const signal of SIGNALS) process.off(signal, onSignal);
    process.off('uncaughtException', onError);
  }
  for (const signal of SIGNALS) process.on(signal, onSignal);
  process.on('uncaughtException', onError);
  return { stopped, release };
}
