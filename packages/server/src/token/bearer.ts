import { parseBearer } from '@gatepass/verifier';
import { Refusal } from '../errors.ts';
import type { Caller } from '../users/user.ts';
import type { Users } from '../users/users.ts';
import { type Claims, claimsVersionOf, sessionIdOf } from './claims.ts';
import {
  bearerTokenNotValid,
  noBearer,
  tokenNotValid,
  USER_INACTIVE,
  USER_NOT_FOUND,
} from './refusals.ts';
import { isOutdated } from './sessionless.ts';
import type { Tokens } from './tokens.ts';

/**
 * The guard of Bearer routes (RFC 6750 §2.1): the caller behind an `Authorization` header.
 *
 * @param schemes the words that may precede the token
 *
 * @throws {Refusal} with the messages of SimpleJWT's JWTAuthentication
 */
export function createBearerGuard(tokens: Tokens, users: Users, schemes: readonly string[]) {
  const claimsOfCaller = new WeakMap<Caller, Claims>();
  const guard = async (authorization: string | undefined): Promise<Caller> => {
    const bearer = parseBearer(authorization, schemes);
    if ('refused' in bearer) throw noBearer(bearer.refused);
    const checked = tokens.check(bearer.token, ['access']);
    if (!checked.ok) throw bearerTokenNotValid(checked.reason);
    const { claims } = checked;
    if (!tokens.namesUser(claims)) throw tokenNotValid('missing_user');
    const userId = tokens.userIdOf(claims);
    const user = userId === undefined ? undefined : await users.findByPublicId(userId);
    if (!user) throw new Refusal(USER_NOT_FOUND);
    if (!user.isActive) throw new Refusal(USER_INACTIVE);
    const sessionId = sessionIdOf(claims);
    // The row has a change before this process has learned of it.
    const isStale = claimsVersionOf(claims) < user.claimsVersion;
    const fault =
      tokens.accessFault(claims) ??
      (isOutdated(claims, user) ? 'revoked' : isStale ? 'stale_claims' : undefined);
    if (fault) throw bearerTokenNotValid(fault);
    const caller = { user, sessionId };
    claimsOfCaller.set(caller, claims);
    return caller;
  };
  return Object.assign(guard, {
    /** Checks memory once more: the body may arrive seconds after the request was admitted. */
    recheck(caller: Caller): void {
      const claims = claimsOfCaller.get(caller);
      const fault = claims && tokens.accessFault(claims);
      if (fault) throw bearerTokenNotValid(fault);
    },
  });
}
