/** What our tokens say: CONTRACT §1's five claims in SimpleJWT's order, then ours. Pure. */
import type { User } from '../users/user.ts';

export type TokenType = 'access' | 'refresh';

export type MintedClaims = {
  token_type: TokenType;
  /** Epoch seconds. */
  exp: number;
  iat: number;
  /** 32 lower-case hex digits. */
  jti: string;
  user_id: number;
  /** The user id as a string, where standard verifiers look (RFC 7519 §4.1.2). */
  sub: string;
  iss?: string;
  aud?: string;
};

export type ClaimsPolicy = {
  /** Milliseconds. */
  readonly accessTokenLifetime: number;
  readonly refreshTokenLifetime: number;
  /** Empty = the claim is left out. */
  readonly issuer: string;
  readonly audience: string;
};

/**
 * @param now epoch milliseconds
 * @param jti 32 lower-case hex digits, never used before
 */
export function claimsFor(
  type: TokenType,
  user: Pick<User, 'id' | 'tokensValidFrom'>,
  policy: ClaimsPolicy,
  now: number,
  jti: string,
): MintedClaims {
  // In the second of a password change, the new token is dated at the next one: void and valid
  // tokens are then told apart exactly, although `iat` counts whole seconds.
  const iat = Math.max(Math.floor(now / 1000), user.tokensValidFrom);
  const lifetime = type === 'access' ? policy.accessTokenLifetime : policy.refreshTokenLifetime;
  return {
    token_type: type,
    exp: iat + Math.floor(lifetime / 1000),
    iat,
    jti,
    user_id: user.id,
    sub: String(user.id),
    ...(policy.issuer && { iss: policy.issuer }),
    ...(policy.audience && { aud: policy.audience }),
  };
}

/**
 * The user a token speaks for. SimpleJWT 5.5 writes the id as a string, 5.2 as an integer.
 *
 * @returns `undefined` when the claim names nobody: absent, or no canonical positive integer
 */
export function userIdOf(claims: Readonly<Record<string, unknown>>): number | undefined {
  const claim = claims['user_id'];
  const id = typeof claim === 'string' && /^[1-9]\d{0,15}$/.test(claim) ? Number(claim) : claim;
  return typeof id === 'number' && Number.isSafeInteger(id) ? id : undefined;
}
