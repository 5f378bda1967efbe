import { hash } from 'node:crypto';
import type { TokenClaims } from './claims.ts';
import { TokenError } from './errors.ts';

/**
 * The claims of an access token that was verified, frozen all the way down.
 *
 * @typeParam Custom claims that the issuer's operator sets, such as `{ role?: string }`. Their types
 *   are your word: a claim that decides something is checked by `requireClaim`
 */
export type AccessClaims<Custom extends object = object> = TokenClaims & {
  /** The user's id as text (RFC 7519 §4.1.2). Tokens made by Django do not have it. */
  readonly sub?: string;
  /** The user's id as Django SimpleJWT writes it. */
  readonly user_id?: number | string;
  /** The session; what a logout ends. */
  readonly sid?: string;
  /** How often the account's claims were changed before this token; absent for never. */
  readonly cv?: number;
  /** When the user was last authenticated, epoch seconds; absent for a login by password alone. */
  readonly auth_time?: number;
  /** How the user was authenticated (RFC 8176 §2), such as `['pwd', 'otp', 'mfa']`. */
  readonly amr?: readonly string[];
} & Readonly<Custom>;

/** Whose token it is, as the revocation feed spells it: a session's, and a user's. */
export type Subject = {
  readonly session?: string;
  /** Which of the account's series of sessions it belongs to. */
  readonly series: number;
  readonly user?: string;
  /** Of which version its claims are. */
  readonly claimsVersion: number;
};

/** @throws {TokenError} `malformed` when a claim is there and of another type */
export function readAccessClaims(claims: TokenClaims): AccessClaims {
  for (const name of ['sub', 'sid', 'user_id']) {
    const value = Object.hasOwn(claims, name) ? claims[name] : '';
    const isNumericId = name === 'user_id' && typeof value === 'number';
    if (typeof value !== 'string' && !isNumericId) {
      throw new TokenError('malformed', `"${name}" is of the wrong type`);
    }
  }
  freeze(claims);
  return claims;
}

export function subjectOf(claims: AccessClaims): Subject {
  const sid = Object.hasOwn(claims, 'sid') ? claims.sid : undefined;
  // Django's tokens have no `sub`; an issuer that calls the id something else has `sub` beside it.
  const name = Object.hasOwn(claims, 'user_id') ? 'user_id' : 'sub';
  const user = Object.hasOwn(claims, name) ? claims[name] : undefined;
  const version = Object.hasOwn(claims, 'cv') ? claims.cv : undefined;
  return {
    series: Number(sid?.split('.')[1] ?? 0),
    claimsVersion: Number.isSafeInteger(version) ? Number(version) : 0,
    ...(sid !== undefined && { session: sha256(sid) }),
    ...(user !== undefined && { user: sha256(String(user)) }),
  };
}

const sha256 = (text: string) => hash('sha256', text, 'base64url');

// A cached object is shared by all requests with its token: what one changed, all would believe.
// Not deeper than 32, which is as deep as parseClaims lets JSON be.
function freeze(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  for (const member of Object.values(value)) freeze(member);
  Object.freeze(value);
}
