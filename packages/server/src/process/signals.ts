import type { Logger } from 'pino';

/** Why the service stops: it was asked to, or an error that nobody caught left it in doubt. */
export type Stop = 'signal' | 'crash';

/**
 * Resolves at the first SIGTERM or SIGINT, or when an error was caught by nobody: what it left half
 * done is unknown, so the process answers what is open and goes; whoever watches over it starts a
 * new one. A second signal ends the process the usual way.
 */
export const stopReason = (logger: Logger) =>
  new Promise<Stop>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.once(signal, () => {
        logger.info({ signal }, 'stopping: answering open requests');
        resolve('signal');
      });
    }
    // An unhandled rejection comes here too, as `origin` says.
    process.on('uncaughtException', (err, origin) => {
      logger.fatal({ err, origin }, 'nobody caught this: answering open requests, then stopping');
      resolve('crash');
    });
  });
