import type { Audit } from '../audit/audit.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import type { Database } from '../database/database.ts';
import { createOneTimeTokenFeature } from '../one-time-tokens/feature.ts';
import type { OneTimeTokens } from '../one-time-tokens/one-time-tokens.ts';
import type { DeriveKey } from '../one-time-tokens/token.ts';
import type { Part } from '../part.ts';
import type { Throttle } from '../throttle/attempt.ts';
import type { KnownDevices } from '../token/known-device.ts';
import type { SecondFactor } from '../token/second-factor.ts';
import type { Credentials } from '../users/credentials.ts';
import type { Users } from '../users/users.ts';
import { createAdministrators } from './administrators.ts';
import { createInvitations } from './invitations.ts';
import { createAdminStore } from './store.ts';

type Deps = { readonly database: Database; readonly clock: Clock };
type Inviting = { readonly users: Users; readonly audit: Audit };
type Uses = Inviting & {
  readonly oneTimeTokens: OneTimeTokens;
  readonly credentials: Credentials;
  readonly throttle: Throttle;
  readonly secondFactor: Pick<SecondFactor, 'ask' | 'isDue'>;
  readonly knownDevices: Pick<KnownDevices, 'read'>;
};

export type Administration = ReturnType<typeof createAdministration>;

/** Logins of administrators over their table, and invitations of new administrators. */
export function createAdministration(
  { config, database, clock }: Deps & { readonly config: Config },
  uses: Uses,
) {
  const { transaction } = database;
  const isFactorRequired = config.adminSecondFactor === 'required';
  const verification = config.emailVerification;
  const store = createAdminStore(database);
  const part: Part = { purges: [store.purge] };
  return {
    administrators: createAdministrators({
      ...uses,
      ...{ isFactorRequired, verification, store, transaction, clock },
      readDevice: uses.knownDevices.read,
    }),
    invitations: createInvitations({ ...uses, transaction }),
    part,
  };
}

/** Invitations of administrators where no process serves. */
export function createInviting(deps: Deps, uses: Inviting, deriveKey: DeriveKey) {
  const { oneTimeTokens } = createOneTimeTokenFeature(deps, deriveKey);
  return createInvitations({ ...uses, oneTimeTokens, transaction: deps.database.transaction });
}

/** Ends logins at the admin listener: of one account, and at a restore of all. */
export function createAdminEnd({ database }: Pick<Deps, 'database'>) {
  const { endAllOf, clear } = createAdminStore(database);
  const part: Part = { onRestore: clear };
  return { endAdminLogins: endAllOf, part };
}
