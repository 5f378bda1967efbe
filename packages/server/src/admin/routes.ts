/** The whole URL table of the admin listener. */
import { guarded, open, type Resource } from '../http/resource.ts';
import type { Reauthenticate } from '../users/reauthenticate.ts';
import type { Users } from '../users/users.ts';
import type { Administration } from './feature.ts';
import { createAdminGuard } from './guard.ts';
import { logIn, setUp } from './login.ts';
import { confirm, logOut, showSession } from './session.ts';

export type AdminRoutesDeps = Pick<Administration, 'administrators' | 'invitations'> & {
  readonly users: Users;
  readonly reauthenticate: Reauthenticate;
};

export function adminRoutes(deps: AdminRoutesDeps): Resource[] {
  const { administrators, invitations, users, reauthenticate } = deps;
  const guard = createAdminGuard(administrators, users);
  return [
    open('/api/admin/login', { POST: logIn(administrators) }),
    open('/api/admin/setup', { POST: setUp(invitations, administrators) }),
    guarded('/api/admin/session', guard, { GET: showSession(), DELETE: logOut(administrators) }),
    guarded('/api/admin/session/confirm', guard, {
      POST: confirm(administrators, reauthenticate),
    }),
  ];
}
