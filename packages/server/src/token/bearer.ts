import { parseBearer } from '@gatepass/verifier';
import { Refusal } from '../errors.ts';
import type { Caller } from '../users/user.ts';
import type { Users } from '../users/users.ts';
import { issuedAt, sessionIdOf, userIdOf } from './claims.ts';
import type { Tokens } from './tokens.ts';

/**
 * The guard of Bearer routes (RFC 6750 §2.1): the caller behind an `Authorization` header.
 *
 * @param schemes what may stand before the token
 *
 * @throws {Refusal} in the words of SimpleJWT's JWTAuthentication
 */
export function createBearerGuard(tokens: Tokens, users: Users, schemes: readonly string[]) {
  return async (authorization: string | undefined): Promise<Caller> => {
    const bearer = parseBearer(authorization, schemes);
    if ('refused' in bearer) {
      throw new Refusal({
        code: bearer.refused === 'missing' ? 'not_authenticated' : 'bad_authorization_header',
      });
    }
    const checked = tokens.check(bearer.token, ['access']);
    if (!checked.ok) throw new Refusal({ code: 'bearer_token_not_valid', reason: checked.reason });
    const { claims } = checked;
    if (claims['user_id'] === undefined)
      throw new Refusal({ code: 'token_not_valid', reason: 'missing_user' });
    const userId = userIdOf(claims);
    const user = userId === undefined ? undefined : await users.findById(userId);
    if (!user) throw new Refusal({ code: 'user_not_found' });
    if (!user.isActive) throw new Refusal({ code: 'user_inactive' });
    const sessionId = sessionIdOf(claims);
    const isOutdated = sessionId === undefined && issuedAt(claims) < user.tokensValidFrom;
    const fault = tokens.accessFault(claims) ?? (isOutdated ? 'revoked' : undefined);
    if (fault) throw new Refusal({ code: 'bearer_token_not_valid', reason: fault });
    return { user, sessionId };
  };
}
