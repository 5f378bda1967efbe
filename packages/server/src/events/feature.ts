import type { AuditStore } from '../audit/store.ts';
import type { Clock, Timers } from '../clock.ts';
import type { Config } from '../config/config.ts';
import type { FollowedDatabase } from '../database/database.ts';
import { limitsOf } from '../throttle/limits.ts';
import { createRequestLimit } from '../throttle/request-limit.ts';
import { createEvents } from './events.ts';
import { createEventStreams } from './stream.ts';

type Deps = {
  readonly config: Config;
  readonly database: FollowedDatabase;
  readonly clock: Clock;
  readonly timers?: Timers | undefined;
};

type Beside = {
  readonly auditStore: AuditStore;
  readonly apiKeys: { isStillLive(id: string): Promise<boolean> };
};

/** The events over the audit log, and their streams. */
export function createEventFeature(
  { config, database, clock, timers }: Deps,
  { auditStore, apiKeys }: Beside,
) {
  const events = createEvents({ store: auditStore, database, timers });
  const eventStreams = createEventStreams({ events, isKeyLive: apiKeys.isStillLive, timers });
  const eventLimit =
    config.rateLimits === 'on'
      ? createRequestLimit(limitsOf(config.limits).eventRequests, clock.now)
      : () => undefined;
  return { events, eventStreams, eventLimit };
}
