/** Background work: the followers, the janitor, the buffered audit log. */

import type { Logger } from 'pino';
import type { Clock, Timers } from './clock.ts';
import type { Database } from './database/database.ts';
import { logFault } from './database/faults.ts';
import { createJanitor } from './database/janitor.ts';
import type { Part } from './part.ts';

type Deps = {
  readonly database: Database;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly timers?: Timers | undefined;
};

/** Starts everything that the parts of the service bring; `stop` ends it in the same order. */
export async function startBackground(parts: readonly Part[], deps: Deps) {
  const { database, clock, logger, timers } = deps;
  const janitor = createJanitor({
    purges: parts.flatMap(({ purges = [] }) => purges),
    transaction: database.transaction,
    clock,
    timers,
    onError: (error) => logFault(logger, error, 'expired rows could not be removed; trying again'),
  });
  const tasks = [...parts.flatMap(({ background = [] }) => background), janitor];
  for (const task of tasks) await task.start();
  return {
    async stop(): Promise<void> {
      for (const task of tasks) await task.stop();
    },
  };
}
