import { parseBearer } from '@gatepass/verifier';
import { Refusal } from '../errors.ts';
import type { User } from '../users/user.ts';
import type { Tokens } from './tokens.ts';

/**
 * The guard of Bearer routes (RFC 6750 §2.1): the caller behind an `Authorization` header.
 *
 * @throws {Refusal} in the words of SimpleJWT's JWTAuthentication
 */
export function createBearerGuard(tokens: Tokens) {
  return async (authorization: string | undefined): Promise<User> => {
    const bearer = parseBearer(authorization);
    if ('refused' in bearer) {
      throw new Refusal({
        code: bearer.refused === 'missing' ? 'not_authenticated' : 'bad_authorization_header',
      });
    }
    const checked = tokens.check(bearer.token, ['access']);
    if (!checked.ok) throw new Refusal({ code: 'bearer_token_not_valid', reason: checked.reason });
    const owned = await tokens.owner(checked.claims);
    if (owned.ok) return owned.user;
    switch (owned.reason) {
      case 'user_not_found':
      case 'user_inactive':
        throw new Refusal({ code: owned.reason });
      case 'missing_user':
        throw new Refusal({ code: 'token_not_valid', reason: owned.reason });
      default:
        throw new Refusal({ code: 'bearer_token_not_valid', reason: owned.reason });
    }
  };
}
