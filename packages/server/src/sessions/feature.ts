import type { Logger } from 'pino';
import type { Audit } from '../audit/audit.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import type { Database } from '../database/database.ts';
import type { Part } from '../part.ts';
import type { Lifetimes } from '../revocations/lifetimes.ts';
import type { Revocations } from '../revocations/revocations.ts';
import { limitsOf } from '../throttle/limits.ts';
import { createRequestLimit } from '../throttle/request-limit.ts';
import { createAccountStore } from './account-store.ts';
import { createSessionCounts } from './count-store.ts';
import { createEnds, type EndBeside, EXPIRED_FOR_MS } from './ends.ts';
import { createEpoch } from './epoch.ts';
import { createForeignLogouts } from './foreign-logouts.ts';
import { createHousekeeping } from './housekeeping.ts';
import { createSessionLimit } from './limit.ts';
import { createOpenStore } from './open-store.ts';
import { createSessions } from './sessions.ts';
import { createSessionStore } from './store.ts';

type Deps = {
  readonly config: Config;
  readonly database: Database;
  readonly clock: Clock;
  readonly logger: Logger;
};
type Uses = {
  readonly audit: Audit;
  readonly revocations: Revocations;
  readonly lifetimes: Lifetimes;
  readonly endBeside: EndBeside;
};

/** Sessions over their table, the beginning of an epoch, and logouts at other issuers. */
export function createSessionFeature({ config, database, clock, logger }: Deps, uses: Uses) {
  const { audit, revocations, lifetimes, endBeside } = uses;
  const { transaction } = database;
  const store = createSessionStore(database);
  const accounts = createAccountStore(database);
  const openStore = createOpenStore(database);
  const housekeeping = createHousekeeping((err) =>
    logger.warn(
      { err },
      'ended sessions could not be marked as ended; this is retried at the next start',
    ),
  );
  const deps = { store, accounts, audit, housekeeping, transaction, clock };
  const ends = createEnds({ ...deps, revocations, lifetimes, endBeside });
  const limit = createSessionLimit({
    ...deps,
    open: openStore,
    ends,
    maxSessions: config.maxSessions,
    onError: (err) => logger.warn({ err }, 'sessions beyond the limit could not be ended'),
  });
  const sessions = createSessions({
    ...deps,
    openStore,
    ends,
    limit,
    policy: {
      refreshTokenLifetime: config.refreshTokenLifetime,
      // Without rotation a session lives as long as its only refresh token.
      sessionLifetime: config.rotateRefreshTokens
        ? config.sessionLifetime
        : config.refreshTokenLifetime,
      leeway: config.leeway,
    },
  });
  const part: Part = {
    background: [housekeeping.background, limit.background],
    // A session can be ended as long as one of its access tokens may be valid.
    purges: [(tx, now, limit) => store.purge(tx, now - EXPIRED_FOR_MS, limit)],
  };
  const { now } = clock;
  const counts = createSessionCounts(database);
  return {
    sessions,
    /** The number of open sessions, as the sum of what the steps yield. */
    countOpenSessions: () => counts.open(now()),
    /** Limits how often an account's sessions are listed or ended. */
    sessionRequests:
      config.rateLimits === 'on'
        ? createRequestLimit(limitsOf(config.limits).sessionRequests, now)
        : () => {},
    sessionStore: store,
    beginEpoch: createEpoch({ store, revocations, clock }),
    foreignLogouts: createForeignLogouts({ store, ends, clock }),
    part,
  };
}
