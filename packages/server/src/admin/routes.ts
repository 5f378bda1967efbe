/** The URL table of the admin listener: every URL, its guard and its action. */

import type { ApiKeys } from '../api-keys/api-keys.ts';
import type { Scope } from '../api-keys/scope.ts';
import type { Activity } from '../audit/activity.ts';
import type { Audit } from '../audit/audit.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import type { Database, Maintenance, Transaction } from '../database/database.ts';
import type { Action } from '../http/action.ts';
import { showDocument } from '../http/openapi/docs.ts';
import { documentOf } from '../http/openapi/document.ts';
import { plain } from '../http/plain.ts';
import { guarded, open, type Resource } from '../http/resource.ts';
import type { RingChanges } from '../keys/ring-changes.ts';
import type { Factors } from '../mfa/factors.ts';
import type { OutboxStore } from '../outbox/store.ts';
import type { Sessions } from '../sessions/sessions.ts';
import type { DeviceTokens } from '../token/known-device.ts';
import type { Prove } from '../users/prove.ts';
import { VERSION } from '../version.ts';
import { createApiKey, listApiKeys, revokeApiKey } from './api-keys.ts';
import { listAudit } from './audit.ts';
import { createConsole } from './console/console.ts';
import { createCounts } from './counts.ts';
import type { Administration } from './feature.ts';
import { type AdminCaller, confirmed, createAdminGuards, scoped } from './guard.ts';
import type { HandOver } from './hand-over.ts';
import { inviteAdministrator } from './invite.ts';
import { logIn, setUp } from './login.ts';
import { testMail } from './mail-test.ts';
import { listMails, retryMail } from './mails.ts';
import { confirm, logOut, showSession } from './session.ts';
import { listSigningKeys, rotateSigningKeys } from './signing-keys.ts';
import { showStats } from './stats.ts';
import { showSystem } from './system.ts';
import {
  disableUser,
  enableUser,
  grantAdmin,
  resetUser,
  revokeAdmin,
  unlockUser,
} from './user-changes.ts';
import { listUserFactors, removeUserFactor } from './user-factors.ts';
import { endUserSession, endUserSessions, listUserSessions } from './user-sessions.ts';
import { createUser, deleteUser, listUsers, showUser } from './users.ts';

export type AdminRoutesDeps = HandOver &
  Pick<Administration, 'administrators' | 'invitations'> & {
    readonly apiKeys: ApiKeys;
    readonly knownDevices: { readonly inHeader: DeviceTokens };
    readonly sessions: Sessions;
    readonly countOpenSessions: () => AsyncIterable<number>;
    readonly audit: Audit;
    readonly activity: Activity;
    readonly outboxStore: OutboxStore;
    readonly transaction: Transaction;
    readonly clock: Clock;
    readonly factors: Factors;
    readonly ringChanges: RingChanges;
    readonly config: Config;
    readonly database: Database & Pick<Maintenance, 'description' | 'warnings'>;
    /** Where mails go with GATEPASS_SMTP_URL=log. */
    readonly log: (text: string) => void;
    readonly prove: Prove;
  };

export function adminRoutes(deps: AdminRoutesDeps): Resource[] {
  const { administrators, invitations, apiKeys, prove } = deps;
  const { inHeader: devices } = deps.knownDevices;
  const { users, sessions, factors, audit, outboxStore, transaction, clock } = deps;
  const { administrator, anyone } = createAdminGuards(deps);
  const changes = (name: string, scope: Scope, change: Action<AdminCaller>) =>
    guarded(`/api/admin/users/:id/${name}`, anyone, { POST: scoped(scope, change) });
  const { page, file } = createConsole();
  const table: Resource[] = [
    plain('/', { GET: page }),
    plain('/console/*', { GET: file }),
    open('/api/admin/login', { POST: logIn(administrators, devices) }),
    open('/api/admin/setup', { POST: setUp(invitations, administrators, devices) }),
    guarded('/api/admin/session', administrator, {
      GET: showSession(),
      DELETE: logOut(administrators),
    }),
    guarded('/api/admin/session/confirm', administrator, {
      POST: confirm(administrators, prove),
    }),
    guarded('/api/admin/api_keys', administrator, {
      GET: listApiKeys(apiKeys),
      POST: confirmed(createApiKey(apiKeys, users)),
    }),
    guarded('/api/admin/api_keys/:id', administrator, { DELETE: revokeApiKey(apiKeys) }),
    guarded('/api/admin/users', anyone, {
      GET: scoped('users:read', listUsers(users)),
      POST: scoped('users:write', createUser(deps)),
    }),
    guarded('/api/admin/users/:id', anyone, {
      GET: scoped('users:read', showUser(users)),
      DELETE: scoped('users:write', confirmed(deleteUser(users))),
    }),
    changes('disable', 'users:write', disableUser(users)),
    changes('enable', 'users:write', enableUser(users)),
    changes('unlock', 'users:write', unlockUser(users)),
    changes('reset', 'users:write', resetUser(deps)),
    guarded('/api/admin/users/:id/admin', administrator, {
      POST: confirmed(grantAdmin(users)),
      DELETE: confirmed(revokeAdmin(users)),
    }),
    guarded('/api/admin/users/:id/sessions', anyone, {
      GET: scoped('users:read', listUserSessions(users, sessions)),
      DELETE: scoped('sessions:write', endUserSessions(users, sessions)),
    }),
    guarded('/api/admin/users/:id/sessions/:session', anyone, {
      DELETE: scoped('sessions:write', endUserSession(users, sessions)),
    }),
    guarded('/api/admin/users/:id/factors', anyone, {
      GET: scoped('users:read', listUserFactors(users, factors)),
    }),
    guarded('/api/admin/users/:id/factors/:factor', anyone, {
      DELETE: scoped('users:write', confirmed(removeUserFactor(users, factors))),
    }),
    guarded('/api/admin/invitations', administrator, {
      POST: confirmed(inviteAdministrator(invitations, clock)),
    }),
    guarded('/api/admin/signing-keys', anyone, {
      GET: scoped('keys:write', listSigningKeys(deps)),
    }),
    guarded('/api/admin/signing-keys/rotate', anyone, {
      POST: scoped('keys:write', confirmed(rotateSigningKeys(deps))),
    }),
    guarded('/api/admin/stats', anyone, {
      GET: scoped('users:read', showStats({ ...deps, counts: createCounts(deps) })),
    }),
    guarded('/api/admin/audit', anyone, { GET: scoped('audit:read', listAudit(audit, users)) }),
    guarded('/api/admin/mails', anyone, { GET: scoped('mail:write', listMails(outboxStore)) }),
    guarded('/api/admin/mails/test', administrator, { POST: testMail(deps) }),
    guarded('/api/admin/system', administrator, { GET: showSystem(deps) }),
    guarded('/api/admin/mails/:id/retry', anyone, {
      POST: scoped('mail:write', retryMail(outboxStore, transaction, audit, clock)),
    }),
    plain('/api/admin/openapi.json', {
      GET: showDocument(() => documentOf(table, { version: VERSION, isAdmin: true })),
    }),
  ];
  return table;
}
