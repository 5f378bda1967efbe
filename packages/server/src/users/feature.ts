import type { Audit } from '../audit/audit.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import type { Database, Numbering, Tx } from '../database/database.ts';
import type { PasswordHasher } from '../passwords/hasher.ts';
import type { PasswordPolicy } from '../passwords/policy.ts';
import type { RecordStaleClaims } from '../revocations/stale-claims.ts';
import type { Throttle } from '../throttle/attempt.ts';
import { createArrivals } from './arrivals.ts';
import { createCredentials } from './credentials.ts';
import { createDepartures } from './departures.ts';
import type { EndBeside, EndSessions, ForgetSessions } from './end-sessions.ts';
import { createMailbox, type VoidTokens } from './mailbox.ts';
import type { Notify } from './notify.ts';
import type { IsReserved } from './registration.ts';
import type { ForgetMail } from './removal.ts';
import type { RevokeKeys } from './set-admin.ts';
import { createUserStore } from './store.ts';
import { createUsers } from './users.ts';
import { uuidv7 } from './uuid.ts';

type Deps = {
  readonly config: Config;
  readonly database: Database & Numbering;
  readonly clock: Clock;
};
type Uses = {
  readonly audit: Audit;
  readonly throttle: Throttle;
  readonly hasher: PasswordHasher;
  readonly passwordPolicy: PasswordPolicy;
  readonly sessions: {
    readonly endForUser: EndSessions;
    readonly forgetSome: ForgetSessions['some'];
    readonly forgetAll: ForgetSessions['all'];
  };
  /** Ends the logins of the account at the admin listener. */
  readonly endAdminLogins: (tx: Tx, userId: number) => Promise<void>;
  readonly voidTokens: VoidTokens;
  readonly forgetMail: ForgetMail;
  readonly revokeKeys: RevokeKeys;
  readonly forgetFactors: (tx: Tx, userId: number, since?: number) => Promise<number>;
  readonly isReserved: IsReserved;
  readonly notify: Notify;
  readonly recordStaleClaims: RecordStaleClaims;
};

/** Accounts over their table. */
export function createUserFeature({ config, database, clock }: Deps, uses: Uses) {
  const store = createUserStore(database);
  const endBeside: EndBeside = async (tx, userId, issuedBefore) => {
    // First, because it waits for a login that another node is writing.
    await store.raiseTokensValidFrom(tx, userId, issuedBefore);
    await uses.throttle.forgetDevices(tx, userId);
    await uses.endAdminLogins(tx, userId);
  };
  /** Mailed tokens end with sessions. An undo outlives a new password, which an attacker may have set. */
  const endSessions: EndSessions = async (tx, userId, reason, options) => {
    const undo = reason === 'user_disabled' || reason === 'user_deleted';
    await uses.voidTokens(tx, userId, { undo });
    await endBeside(tx, userId, options.issuedBefore);
    return uses.sessions.endForUser(tx, userId, reason, options);
  };
  const users = createUsers({
    store,
    transaction: database.transaction,
    hasher: uses.hasher,
    policy: uses.passwordPolicy,
    endSessions,
    endAdminLogins: uses.endAdminLogins,
    forgetSessions: { some: uses.sessions.forgetSome, all: uses.sessions.forgetAll },
    forgetMail: uses.forgetMail,
    revokeKeys: uses.revokeKeys,
    verification: config.emailVerification,
    unlock: uses.throttle.unlock,
    unlockFactor: uses.throttle.unlockFactor,
    isReserved: uses.isReserved,
    voidTokens: uses.voidTokens,
    forgetDevices: uses.throttle.forgetDevices,
    notify: uses.notify,
    recordStaleClaims: uses.recordStaleClaims,
    userIdClaim: config.userIdClaim,
    newUuid: config.userIds === 'uuid' ? () => uuidv7(clock.now()) : undefined,
    audit: uses.audit,
    clock,
  });
  const { hasher, audit } = uses;
  const { loginFields } = config;
  const credentials = createCredentials({ store, hasher, audit, clock, loginFields });
  const mailbox = createMailbox({
    store,
    transaction: database.transaction,
    hasher: uses.hasher,
    policy: uses.passwordPolicy,
    endSessions,
    voidTokens: uses.voidTokens,
    forgetDevices: uses.throttle.forgetDevices,
    forgetFactors: uses.forgetFactors,
    verifiesAddresses: config.emailVerification !== 'off',
    notify: uses.notify,
    unlock: uses.throttle.unlock,
    audit: uses.audit,
    clock,
  });
  return {
    users,
    mailbox,
    credentials,
    endBeside,
    arrivals: createArrivals(store),
    departures: createDepartures(store),
  };
}
