/** The claims of our tokens: SimpleJWT's five in its order, then ours. Pure. */
import { hash } from 'node:crypto';
import { type PublicId, readPublicId } from '../config/public-id.ts';
import { readAuthentication } from '../sessions/authentication.ts';
import type { HeldSession, SessionOwner } from '../sessions/session.ts';

export type TokenType = 'access' | RefreshType;
/**
 * A refresh token says whether it belongs in bodies or in a cookie: a token that a script could read
 * is not accepted as a cookie, and a cookie's token is not accepted in a body (decision 094).
 */
export type RefreshType = 'refresh' | 'cookie';

type MintedClaims = {
  token_type: TokenType;
  /** Epoch seconds. */
  exp: number;
  iat: number;
  /** 32 lower-case hex digits. */
  jti: string;
  /** Under this name, unless the policy has another. */
  user_id?: PublicId;
  /** The user id as a string, where standard verifiers look (RFC 7519 §4.1.2). */
  sub: string;
  /** The session (OpenID Connect Front-Channel Logout §3's name for it). */
  sid?: string;
  /** When the user was last authenticated, epoch seconds, unless by password at the login (OpenID Connect Core §2). */
  auth_time?: number;
  /** How (RFC 8176). */
  amr?: readonly string[];
  /** The generation of a refresh token that rotates. */
  gen?: number;
  /** How often the account's custom claims were changed; absent if never. */
  cv?: number;
  iss?: string;
  aud?: string;
};

export type ClaimsPolicy = {
  /** Milliseconds. */
  readonly accessTokenLifetime: number;
  readonly rotateRefreshTokens: boolean;
  /** Empty = the claim is left out. */
  readonly issuer: string;
  readonly audience: string;
  /** What the user's id is called beside `sub`. */
  readonly userIdClaim: string;
};

/** The claims of a token whose signature alone has been checked. */
export type Claims = Readonly<Record<string, unknown>>;

const seconds = (milliseconds: number) => Math.floor(milliseconds / 1000);

const addressing = ({ issuer }: ClaimsPolicy, aud: string) => ({
  ...(issuer && { iss: issuer }),
  ...(aud && { aud }),
});

/**
 * A refresh token is for Gatepass alone. Because of its own audience, libraries that check `aud` but
 * not `token_type` refuse it, even with the same secret.
 */
const refreshAudience = ({ audience }: ClaimsPolicy, type: RefreshType) =>
  audience && `${audience}#${type}`;

/**
 * Whether the `aud` of a token fits its type. Refresh tokens may have that of access tokens: those
 * from before they had their own, and those of another issuer under our secret.
 */
export function isAddressed(claims: Claims, policy: ClaimsPolicy): boolean {
  if (!policy.audience) return true;
  const { aud } = claims;
  const named: readonly unknown[] = Array.isArray(aud) ? aud : [aud];
  if (!named.every((value) => typeof value === 'string')) return false;
  const type = claims['token_type'];
  if (type === 'cookie') return named.includes(refreshAudience(policy, type));
  const own = type === 'refresh' ? refreshAudience(policy, type) : policy.audience;
  return named.includes(policy.audience) || named.includes(own);
}

const ownerWithoutClaims = (userId: number): SessionOwner => ({
  publicId: userId,
  claims: '{}',
  claimsVersion: 0,
});

const identity = ({ publicId }: SessionOwner, { userIdClaim }: ClaimsPolicy) => ({
  [userIdClaim]: publicId,
  sub: String(publicId),
});

/** The holder of an access token: a session, or a user without one (tokens of another issuer). */
export type Holder = {
  readonly userId: number;
  readonly id?: string;
  /** Epoch milliseconds. */
  readonly expiresAt?: number;
  /** Absent: an owner without claims. */
  readonly owner?: SessionOwner;
  /** The authentication in the session's row. */
  readonly auth?: string | undefined;
};

/** A login by password alone adds no claims, so its tokens are as short as SimpleJWT's. */
function authentication(auth: string) {
  const last = readAuthentication(auth);
  return last && { auth_time: seconds(last.at), amr: last.methods };
}

/**
 * @param now epoch milliseconds
 * @param jti 32 lower-case hex digits, never used before
 * @returns the payload of the token, as JSON
 */
export function accessPayload(
  {
    userId,
    id: sessionId,
    expiresAt = Number.POSITIVE_INFINITY,
    owner = ownerWithoutClaims(userId),
    auth,
  }: Holder,
  policy: ClaimsPolicy,
  now: number,
  jti: string,
): string {
  const exp = seconds(now) + seconds(policy.accessTokenLifetime);
  const claims: MintedClaims = {
    token_type: 'access',
    // With rotation no token outlives the session's limit. Without rotation an access token has its
    // full lifetime, as in SimpleJWT.
    exp: policy.rotateRefreshTokens ? Math.min(exp, seconds(expiresAt)) : exp,
    iat: seconds(now),
    jti,
    ...identity(owner, policy),
    ...(sessionId && { sid: sessionId }),
    ...(auth !== undefined && authentication(auth)),
    ...(owner.claimsVersion > 0 && { cv: owner.claimsVersion }),
    ...addressing(policy, policy.audience),
  };
  const custom = customMembers(owner.claims, policy.userIdClaim);
  return custom === '{}' ? JSON.stringify(claims) : join(JSON.stringify(claims), custom);
}

// Stored claims are JSON already; parsing and writing them again would slow every refresh.
const join = (one: string, other: string): string => `${one.slice(0, -1)},${other.slice(1)}`;

/** A claim may have been stored before its name became that of the user's id. */
function customMembers(claims: string, userIdClaim: string): string {
  if (!claims.includes(`"${userIdClaim}"`)) return claims;
  const { [userIdClaim]: _, ...others } = JSON.parse(claims);
  return JSON.stringify(others);
}

/**
 * The refresh token of a session's generation: a function of the session's row alone, so that it
 * has the same bytes whenever and by whichever node it is minted.
 */
export function refreshPayload(
  session: HeldSession,
  policy: ClaimsPolicy,
  type: RefreshType,
): string {
  const { id, owner, generation, rotatedAt, expiresAt } = session;
  const claims: MintedClaims = {
    token_type: type,
    exp: seconds(expiresAt),
    iat: seconds(rotatedAt),
    jti: hash('sha256', `${id}.${generation}.${rotatedAt}`).slice(0, 32),
    ...identity(owner, policy),
    sid: id,
    ...(policy.rotateRefreshTokens && { gen: generation }),
    ...addressing(policy, refreshAudience(policy, type)),
  };
  return JSON.stringify(claims);
}

/** The user of a token; `undefined` when the claim is absent or not an id. */
export const userIdOf = (claims: Claims, userIdClaim: string): PublicId | undefined =>
  readPublicId(claims[userIdClaim]);

/** The session a token belongs to; `undefined` for tokens of other issuers under our secret. */
export const sessionIdOf = (claims: Claims): string | undefined =>
  typeof claims['sid'] === 'string' ? claims['sid'] : undefined;

/** The generation of a refresh token; tokens from before rotation was switched on count as 0. */
export const generationOf = (claims: Claims): number =>
  Number.isSafeInteger(claims['gen']) ? Number(claims['gen']) : 0;

/** The version of an access token's custom claims; 0 for tokens of another issuer. */
export const claimsVersionOf = (claims: Claims): number =>
  Number.isSafeInteger(claims['cv']) ? Number(claims['cv']) : 0;

export const issuedAt = (claims: Claims): number =>
  typeof claims['iat'] === 'number' ? claims['iat'] : 0;
