import type { Clock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import type { Database } from '../database/database.ts';
import type { Part } from '../part.ts';
import { createThrottleStore } from './store.ts';
import { createThrottle } from './throttle.ts';

type Deps = { readonly config: Config; readonly database: Database; readonly clock: Clock };

/** Limits on attempts, over their table. */
export function createThrottling({ config, database, clock }: Deps) {
  const store = createThrottleStore(database);
  const throttle = createThrottle({
    isOn: config.rateLimits === 'on',
    rates: config.limits,
    store,
    transaction: database.transaction,
    clock,
  });
  const part: Part = { purges: [store.purge] };
  return { throttle, part };
}
