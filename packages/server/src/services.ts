/** The domain without HTTP: what the CLI works with, beside a running server or alone. */

import type { Logger } from 'pino';
import { createAdminEnd } from './admin/feature.ts';
import { createApiKeyFeature } from './api-keys/feature.ts';
import { createAuditLog } from './audit/feature.ts';
import type { Clock, Timers } from './clock.ts';
import type { Config } from './config/config.ts';
import type { OpenDatabase } from './database/open.ts';
import { createEventFeature } from './events/feature.ts';
import { createExporter } from './export/exporter.ts';
import { createImport } from './import/feature.ts';
import type { Metrics } from './metrics/metrics.ts';
import { createMfa } from './mfa/feature.ts';
import { createTokenRules } from './one-time-tokens/feature.ts';
import { createOutboxFeature } from './outbox/feature.ts';
import type { Part } from './part.ts';
import type { AdmissionObserver } from './passwords/admission.ts';
import { createPasswords } from './passwords/feature.ts';
import type { HashThread } from './passwords/hash-thread.ts';
import type { CreateMailThread } from './recovery/mail-thread.ts';
import { createNotices } from './recovery/notices.ts';
import { createRevocationFeature } from './revocations/feature.ts';
import { createSessionFeature } from './sessions/feature.ts';
import { createThrottling } from './throttle/feature.ts';
import { createUserFeature } from './users/feature.ts';

export type Deps = {
  readonly config: Config;
  readonly database: OpenDatabase;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Absent: nothing is counted. */
  readonly metrics?: Metrics | undefined;
  /** Timers of background work; default: the system's. */
  readonly timers?: Timers | undefined;
  readonly hashing?: AdmissionObserver | undefined;
  /** For tests: replaces a hashing thread. */
  readonly createHashThread?: (() => HashThread) | undefined;
  /** What sends over SMTP; absent: the thread of requests. */
  readonly createMailThread?: CreateMailThread | undefined;
};

export type Services = ReturnType<typeof createServices>;

/** Everything the service can do, built in the order of its layers; nothing runs yet. */
export function createServices(deps: Deps) {
  const { metrics } = deps;
  const auditLog = createAuditLog(deps, metrics?.event);
  const { audit } = auditLog;
  const apiKey = createApiKeyFeature(deps, audit);
  const events = createEventFeature(deps, { ...auditLog, ...apiKey });
  const revocation = createRevocationFeature(deps);
  const session = createSessionFeature(deps, {
    ...{ audit, ...revocation },
    endBeside: (tx, userId, issuedBefore) => user.endBeside(tx, userId, issuedBefore),
  });
  const passwords = createPasswords(deps, deps.hashing ?? metrics?.hashing);
  const { throttle, part: throttling } = createThrottling(deps);
  const outbox = createOutboxFeature(deps);
  const { transaction } = deps.database;
  const notices = createNotices(deps, { outbox: outbox.outbox, transaction, throttle });
  const tokenRules = createTokenRules(deps);
  const mfa = createMfa(deps, {
    audit,
    notify: notices.notify,
    voidChallenges: tokenRules.voidChallenges,
    async endOthers(tx, userId, reason, options) {
      await user.endBeside(tx, userId, options.issuedBefore);
      return session.sessions.endForUser(tx, userId, reason, options);
    },
  });
  const adminEnd = createAdminEnd(deps);
  const user = createUserFeature(deps, {
    audit,
    endAdminLogins: adminEnd.endAdminLogins,
    throttle,
    ...tokenRules,
    async forgetMail(tx, userId) {
      await tokenRules.forgetTokens(tx, userId);
      await outbox.outboxStore.forget(tx, userId);
    },
    revokeKeys: apiKey.apiKeys.revokeOf,
    notify: notices.notify,
    forgetFactors: mfa.factors.forget,
    ...passwords,
    ...session,
    recordStaleClaims: revocation.recordStaleClaims,
  });
  const parts: readonly Part[] = [
    ...[revocation.part, session.part, auditLog.part, apiKey.part, throttling, outbox.part],
    ...[passwords.part, tokenRules.part, adminEnd.part],
  ];
  const importer = createImport(deps, { audit, ...user, ...session, ...mfa });
  const exporter = createExporter({ audit, ...user, ...mfa, database: deps.database });
  return {
    audit,
    auditStore: auditLog.auditStore,
    activity: auditLog.activity,
    ...events,
    ...revocation,
    ...session,
    throttle,
    hasher: passwords.hasher,
    ...user,
    ...mfa,
    notices,
    outbox: outbox.outbox,
    outboxStore: outbox.outboxStore,
    apiKeys: apiKey.apiKeys,
    importer,
    exporter,
    transaction,
    parts,
  };
}
