import type { Audit } from '../audit/audit.ts';
import type { Clock } from '../clock.ts';
import type { Database } from '../database/database.ts';
import { createOneTimeTokenFeature } from '../one-time-tokens/feature.ts';
import type { DeriveKey } from '../one-time-tokens/token.ts';
import type { Part } from '../part.ts';
import type { Throttle } from '../throttle/attempt.ts';
import type { Credentials } from '../users/credentials.ts';
import type { Users } from '../users/users.ts';
import { createAdministrators } from './administrators.ts';
import { createInvitations } from './invitations.ts';
import { createAdminStore } from './store.ts';

type Deps = { readonly database: Database; readonly clock: Clock };
type Uses = {
  readonly users: Users;
  readonly credentials: Credentials;
  readonly throttle: Throttle;
  readonly audit: Audit;
};

export type Administration = ReturnType<typeof createAdministration>;

/** Logins of administrators over their table, and how administrators come to be. */
export function createAdministration(deps: Deps, uses: Uses, deriveKey: DeriveKey) {
  const { database, clock } = deps;
  const { users, audit } = uses;
  const { transaction } = database;
  const store = createAdminStore(database);
  const { oneTimeTokens } = createOneTimeTokenFeature(deps, deriveKey);
  const part: Part = { purges: [store.purge] };
  return {
    administrators: createAdministrators({ ...uses, store, transaction, clock }),
    invitations: createInvitations({ oneTimeTokens, users, audit, transaction }),
    part,
  };
}

/** Ends the logins of administrators: nothing that was issued before a restore opens anything. */
export const createAdminEnd = ({ database }: Pick<Deps, 'database'>) =>
  createAdminStore(database).clear;
