import cluster from 'node:cluster';
import type { Logger } from 'pino';

/** Why the service stops: a signal, or an uncaught error. */
export type Stop = 'signal' | 'crash';

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;
// One Ctrl+C can arrive twice, from the terminal and from npm.
const SAME_PRESS_MS = 500;

const ignore = () => {};

/**
 * Resolves at the first SIGTERM or SIGINT, or at an uncaught error: its effects are unknown, so the
 * process finishes open requests and ends, and a supervisor starts a new one. A later signal ends the
 * process at once. `release` removes the listeners.
 */
export function listenForStop(logger: Logger) {
  const { promise: stopped, resolve } = Promise.withResolvers<Stop>();
  let askedAt: number | undefined;
  const onSignal = (signal: NodeJS.Signals) => {
    // A terminal sends Ctrl+C to all processes; the parent logs it and stops its workers.
    if (cluster.isWorker && signal === 'SIGINT') return;
    if (askedAt === undefined) {
      askedAt = performance.now();
      const level = cluster.isWorker ? 'debug' : 'info';
      logger[level]({ signal }, 'stopping: open requests are finished first');
      resolve('signal');
    } else if (performance.now() - askedAt > SAME_PRESS_MS) {
      remove();
      process.kill(process.pid, signal);
    }
  };
  // Unhandled rejections arrive here too; `origin` tells.
  const onError = (err: unknown, origin: string) => {
    logger.fatal({ err, origin }, 'uncaught error: finishing open requests, then stopping');
    resolve('crash');
  };
  function remove(): void {
    for (const signal of SIGNALS) process.off(signal, onSignal);
    process.off('uncaughtException', onError);
  }
  function release(): void {
    remove();
    if (askedAt === undefined) return;
    // The second half of one press, after a quick stop, must not turn its exit code into a failure.
    for (const signal of SIGNALS) process.on(signal, ignore);
    setTimeout(() => {
      for (const signal of SIGNALS) process.off(signal, ignore);
    }, SAME_PRESS_MS).unref();
  }
  for (const signal of SIGNALS) process.on(signal, onSignal);
  process.on('uncaughtException', onError);
  return { stopped, release };
}
