/**
 * Access and refresh tokens: minting and checking. Owns what a token of ours says and when it is
 * believed; does not own keys, users or HTTP bodies. Imported by this folder, app.ts, routes.ts.
 */
import { TokenError, verifyToken } from '@gatepass/verifier';
import type { Clock } from '../clock.ts';
import type { TokenReason } from '../errors.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import type { User } from '../users/user.ts';
import type { Users } from '../users/users.ts';
import { type ClaimsPolicy, claimsFor, type TokenType, userIdOf } from './claims.ts';

export type Tokens = ReturnType<typeof createTokens>;

type Claims = Readonly<Record<string, unknown>>;
export type Checked =
  | { readonly ok: true; readonly claims: Claims }
  | { readonly ok: false; readonly reason: TokenReason };
export type Owned =
  | { readonly ok: true; readonly user: User }
  | { readonly ok: false; readonly reason: TokenReason };

type Deps = {
  keyRing: KeyRing;
  users: Users;
  clock: Clock;
  policy: ClaimsPolicy;
};

export function createTokens({ keyRing, users, clock, policy }: Deps) {
  const jti = () => crypto.randomUUID().replaceAll('-', '');
  const mint = (type: TokenType, user: User) =>
    keyRing.signer.sign(claimsFor(type, user, policy, clock.now(), jti()));
  const expected = {
    ...(policy.issuer && { issuer: policy.issuer }),
    ...(policy.audience && { audience: policy.audience }),
  };

  return {
    /** The answer to a login, in the contract's order. */
    mintPair: (user: User) => ({ refresh: mint('refresh', user), access: mint('access', user) }),

    mintAccess: (user: User) => mint('access', user),

    /** Signature, times and type; no database. `types` left out: any token of ours. */
    check(token: string, types?: readonly TokenType[]): Checked {
      try {
        const { claims } = verifyToken(token, {
          keys: keyRing.keySet,
          now: clock.now() / 1000,
          ...expected,
          ...(types && { tokenType: [...types] }),
        });
        return { ok: true, claims };
      } catch (error) {
        if (error instanceof TokenError) return { ok: false, reason: error.reason };
        throw error;
      }
    },

    /** The user of a token that passed `check`, if the account may still use it. One read. */
    async owner(claims: Claims): Promise<Owned> {
      if (claims['user_id'] === undefined) return { ok: false, reason: 'missing_user' };
      const id = userIdOf(claims);
      const user = id === undefined ? undefined : await users.findById(id);
      if (!user) return { ok: false, reason: 'user_not_found' };
      if (!user.isActive) return { ok: false, reason: 'user_inactive' };
      const issuedAt = typeof claims['iat'] === 'number' ? claims['iat'] : 0;
      if (user.tokensValidFrom > 0 && issuedAt < user.tokensValidFrom)
        return { ok: false, reason: 'revoked' };
      return { ok: true, user };
    },
  };
}
