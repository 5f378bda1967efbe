import { parseBearer } from '@gatepass/verifier';
import type { ApiKeys } from '../api-keys/api-keys.ts';
import { CREDENTIAL_NOT_VALID, SCOPE_MISSING } from '../api-keys/refusals.ts';
import type { Scope } from '../api-keys/scope.ts';
import type { ApiKey } from '../api-keys/store.ts';
import type { Origin } from '../audit/event.ts';
import { Refusal } from '../errors.ts';
import type { Action, RequestView } from '../http/action.ts';
import { noBearer } from '../token/refusals.ts';
import type { User } from '../users/user.ts';
import type { Users } from '../users/users.ts';
import type { Administrators } from './administrators.ts';
import { ADMINISTRATORS_ONLY, CONFIRMATION_REQUIRED } from './refusals.ts';
import { isAdminToken } from './secret.ts';
import type { AdminSession } from './store.ts';

/** An account that has logged in at the admin listener. */
export type Administrator = {
  readonly kind: 'administrator';
  readonly user: User;
  readonly session: AdminSession;
  /** Whether the password was asked for in the last ten minutes. */
  readonly isConfirmed: boolean;
};

/** The caller of the admin API: an administrator, or a program with a key. */
export type AdminCaller = Administrator | { readonly kind: 'key'; readonly key: ApiKey };

type Deps = {
  readonly administrators: Administrators;
  readonly apiKeys: ApiKeys;
  readonly users: Users;
};

/** The guards of the admin API. @throws {Refusal} `credential_not_valid`, `administrators_only` */
export function createAdminGuards({ administrators, apiKeys, users }: Deps) {
  async function anyone(authorization: string | undefined): Promise<AdminCaller> {
    const bearer = parseBearer(authorization, ['Bearer']);
    if ('refused' in bearer) throw noBearer(bearer.refused);
    const { token } = bearer;
    // The form of the token is checked before the database is asked.
    const session = isAdminToken(token) ? await administrators.find(token) : undefined;
    const user = session && (await users.findById(session.userId));
    if (session && user)
      return {
        kind: 'administrator',
        user,
        session,
        isConfirmed: administrators.isConfirmed(session),
      };
    const key = await apiKeys.find(token);
    if (!key) throw new Refusal(CREDENTIAL_NOT_VALID);
    return { kind: 'key', key };
  }

  async function administrator(authorization: string | undefined): Promise<Administrator> {
    const caller = await anyone(authorization);
    if (caller.kind === 'key') throw new Refusal(ADMINISTRATORS_ONLY);
    return caller;
  }

  // Looked up again: one more statement does not matter here.
  return {
    anyone: Object.assign(anyone, { recheck: (_: unknown, text?: string) => anyone(text) }),
    administrator: Object.assign(administrator, {
      recheck: (_: unknown, text?: string) => administrator(text),
    }),
  };
}

/** An administrator may do everything, a key what its scopes allow. */
export const scoped = (scope: Scope, inner: Action<AdminCaller>): Action<AdminCaller> => ({
  ...inner,
  description: [inner.description, `Scope of an API key: \`${scope}\`.`].filter(Boolean).join(' '),
  refuses: [403, ...(inner.refuses ?? [])],
  handle(call) {
    const { caller } = call;
    if (caller.kind === 'key' && !caller.key.scopes.includes(scope))
      throw new Refusal(SCOPE_MISSING, { values: { scope } });
    return inner.handle(call);
  },
});

/**
 * @throws {Refusal} `confirmation_required` when an administrator has not given the password in the
 *   last ten minutes
 */
export function assertConfirmed(caller: AdminCaller): void {
  if (caller.kind === 'administrator' && !caller.isConfirmed)
    throw new Refusal(CONFIRMATION_REQUIRED);
}

/**
 * For actions that cannot be undone: an administrator must have given the password in the last ten
 * minutes.
 */
export const confirmed = <Caller extends AdminCaller>(inner: Action<Caller>): Action<Caller> => ({
  ...inner,
  description: [inner.description, 'Administrators confirm their password first.']
    .filter(Boolean)
    .join(' '),
  refuses: [403, ...(inner.refuses ?? [])],
  handle(call) {
    assertConfirmed(call.caller);
    return inner.handle(call);
  },
});

/** By whom, for the audit log. */
export const originOf = (caller: AdminCaller, request: Pick<RequestView, 'device'>): Origin => ({
  ...request.device(),
  actor: caller.kind === 'key' ? `key:${caller.key.id}` : `admin:${caller.user.publicId}`,
});
