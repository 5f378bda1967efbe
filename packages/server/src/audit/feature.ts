import type { Logger } from 'pino';
import type { Clock, Timers } from '../clock.ts';
import type { Config } from '../config/config.ts';
import type { Database } from '../database/database.ts';
import { logFault } from '../database/faults.ts';
import type { Part } from '../part.ts';
import { createActivity } from './activity.ts';
import { createActivityStore } from './activity-store.ts';
import { createAudit } from './audit.ts';
import type { EventName } from './event.ts';
import { createAuditStore } from './store.ts';

type Deps = {
  readonly config: Config;
  readonly database: Database;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly timers?: Timers | undefined;
};

/** The audit log over its table. */
export function createAuditLog(
  { config, database, clock, timers, logger }: Deps,
  onEvent?: (event: EventName, reason: string | undefined) => void,
) {
  const auditStore = createAuditStore(database);
  const audit = createAudit({
    store: auditStore,
    transaction: database.transaction,
    clock,
    timers,
    onError: (error) => logFault(logger, error, 'failed logins could not be audited; trying again'),
    onEvent,
  });
  const activityStore = createActivityStore(database);
  const { transaction } = database;
  const retention = config.auditRetention;
  const activity = createActivity({
    ...{ store: activityStore, transaction, clock, timers, retention },
    onError: (error) => logFault(logger, error, 'events could not be counted; trying again'),
  });
  const part: Part = {
    background: [audit, activity.background],
    purges: [auditStore, activityStore].map(
      ({ purge }) =>
        (tx, now, limit) =>
          purge(tx, now - retention, limit),
    ),
  };
  return { audit, auditStore, activity, part };
}
