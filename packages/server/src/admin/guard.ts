import { parseBearer } from '@gatepass/verifier';
import type { Origin } from '../audit/event.ts';
import { Refusal } from '../errors.ts';
import type { RequestView } from '../http/action.ts';
import { noBearer } from '../token/refusals.ts';
import type { User } from '../users/user.ts';
import type { Users } from '../users/users.ts';
import type { Administrators } from './administrators.ts';
import { CONFIRMATION_REQUIRED, CREDENTIAL_NOT_VALID } from './refusals.ts';
import { isAdminToken } from './secret.ts';
import type { AdminSession } from './store.ts';

/** Who administers: an account that has logged in at the admin listener. */
export type AdminCaller = {
  readonly user: User;
  readonly session: AdminSession;
  /** Whether the password was asked for in the last ten minutes. */
  readonly isConfirmed: boolean;
};

/** The guard of the admin API. @throws {Refusal} `credential_not_valid` */
export function createAdminGuard(administrators: Administrators, users: Users) {
  return async (authorization: string | undefined): Promise<AdminCaller> => {
    const bearer = parseBearer(authorization, ['Bearer']);
    if ('refused' in bearer) throw noBearer(bearer.refused);
    // By its form, before the database is asked.
    const session = isAdminToken(bearer.token)
      ? await administrators.find(bearer.token)
      : undefined;
    const user = session && (await users.findById(session.userId));
    if (!session || !user) throw new Refusal(CREDENTIAL_NOT_VALID);
    return { user, session, isConfirmed: administrators.isConfirmed(session) };
  };
}

/** For actions that cannot be undone. @throws {Refusal} `confirmation_required` */
export function assertConfirmed({ isConfirmed }: AdminCaller): void {
  if (!isConfirmed) throw new Refusal(CONFIRMATION_REQUIRED);
}

/** By whom, for the audit log. */
export const originOf = ({ user }: AdminCaller, request: Pick<RequestView, 'device'>): Origin => ({
  ...request.device(),
  actor: `admin:${user.publicId}`,
});
