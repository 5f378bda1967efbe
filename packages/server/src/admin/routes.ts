/** The whole URL table of the admin listener. */
import type { ApiKeys } from '../api-keys/api-keys.ts';
import { guarded, open, type Resource } from '../http/resource.ts';
import type { Reauthenticate } from '../users/reauthenticate.ts';
import type { Users } from '../users/users.ts';
import { createApiKey, listApiKeys, revokeApiKey } from './api-keys.ts';
import type { Administration } from './feature.ts';
import { confirmed, createAdminGuards } from './guard.ts';
import { logIn, setUp } from './login.ts';
import { confirm, logOut, showSession } from './session.ts';

export type AdminRoutesDeps = Pick<Administration, 'administrators' | 'invitations'> & {
  readonly apiKeys: ApiKeys;
  readonly users: Users;
  readonly reauthenticate: Reauthenticate;
};

export function adminRoutes(deps: AdminRoutesDeps): Resource[] {
  const { administrators, invitations, apiKeys, reauthenticate } = deps;
  const { administrator } = createAdminGuards(deps);
  return [
    open('/api/admin/login', { POST: logIn(administrators) }),
    open('/api/admin/setup', { POST: setUp(invitations, administrators) }),
    guarded('/api/admin/session', administrator, {
      GET: showSession(),
      DELETE: logOut(administrators),
    }),
    guarded('/api/admin/session/confirm', administrator, {
      POST: confirm(administrators, reauthenticate),
    }),
    guarded('/api/admin/api_keys', administrator, {
      GET: listApiKeys(apiKeys),
      POST: confirmed(createApiKey(apiKeys)),
    }),
    guarded('/api/admin/api_keys/:id', administrator, { DELETE: revokeApiKey(apiKeys) }),
  ];
}
