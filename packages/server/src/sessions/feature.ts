import type { Audit } from '../audit/audit.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import type { Database } from '../database/database.ts';
import type { Part } from '../part.ts';
import type { Revocations } from '../revocations/revocations.ts';
import type { RevocationStore } from '../revocations/store.ts';
import { createEpoch } from './epoch.ts';
import { createForeignLogouts } from './foreign-logouts.ts';
import { createSessions, REVOCATION_LIFETIME_MS } from './sessions.ts';
import { createSessionStore } from './store.ts';

type Deps = { readonly config: Config; readonly database: Database; readonly clock: Clock };
type Uses = {
  readonly audit: Audit;
  readonly revocations: Revocations;
  readonly revocationStore: RevocationStore;
};

/** Sessions over their table, with what begins an epoch and what remembers logouts elsewhere. */
export function createSessionFeature({ config, database, clock }: Deps, uses: Uses) {
  const { audit, revocations, revocationStore } = uses;
  const sessionStore = createSessionStore(database);
  const sessions = createSessions({
    store: sessionStore,
    revocationStore,
    revocations,
    audit,
    transaction: database.transaction,
    clock,
    policy: {
      refreshTokenLifetime: config.refreshTokenLifetime,
      // Without rotation a session is as old as its one refresh token can get.
      sessionLifetime: config.rotateRefreshTokens
        ? config.sessionLifetime
        : config.refreshTokenLifetime,
      leeway: config.leeway,
    },
  });
  const part: Part = {
    // A session may be ended as long as an access token of it may live.
    purges: [(tx, now, limit) => sessionStore.purge(tx, now - REVOCATION_LIFETIME_MS, limit)],
  };
  return {
    sessions,
    sessionStore,
    beginEpoch: createEpoch({ store: sessionStore, revocationStore, clock }),
    foreignLogouts: createForeignLogouts({ store: sessionStore, revocationStore, audit, clock }),
    part,
  };
}
