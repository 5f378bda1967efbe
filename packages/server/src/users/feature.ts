import type { Audit } from '../audit/audit.ts';
import type { Clock } from '../clock.ts';
import type { Database } from '../database/database.ts';
import type { PasswordHasher } from '../passwords/hasher.ts';
import type { PasswordPolicy } from '../passwords/policy.ts';
import type { Throttle } from '../throttle/attempt.ts';
import { createArrivals } from './arrivals.ts';
import { createCredentials } from './credentials.ts';
import { createUserStore } from './store.ts';
import { createUsers, type EndSessions } from './users.ts';

type Deps = { readonly database: Database; readonly clock: Clock };
type Uses = {
  readonly audit: Audit;
  readonly throttle: Throttle;
  readonly hasher: PasswordHasher;
  readonly passwordPolicy: PasswordPolicy;
  readonly sessions: { readonly endForUser: EndSessions };
};

/** Accounts over their table. */
export function createUserFeature({ database, clock }: Deps, uses: Uses) {
  const store = createUserStore(database);
  const users = createUsers({
    store,
    transaction: database.transaction,
    hasher: uses.hasher,
    policy: uses.passwordPolicy,
    endSessions: uses.sessions.endForUser,
    unlock: uses.throttle.unlock,
    audit: uses.audit,
    clock,
  });
  const credentials = createCredentials({ store, hasher: uses.hasher, audit: uses.audit, clock });
  return { users, credentials, arrivals: createArrivals(store) };
}
