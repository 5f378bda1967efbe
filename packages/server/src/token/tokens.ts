/**
 * Access and refresh tokens: minting and checking. Owns the claims of our tokens and the conditions
 * under which they are accepted; does not own keys, sessions, users or HTTP bodies. Imported by this
 * folder, app.ts and routes.ts.
 */
import { createSeenTokens, TokenError, verifyToken } from '@gatepass/verifier';
import type { Clock } from '../clock.ts';
import type { TokenReason } from '../errors.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import type { Revocations } from '../revocations/revocations.ts';
import type { HeldSession } from '../sessions/session.ts';
import {
  accessPayload,
  type Claims,
  type ClaimsPolicy,
  claimsVersionOf,
  type Holder,
  isAddressed,
  issuedAt,
  type RefreshType,
  refreshPayload,
  sessionIdOf,
  type TokenType,
  userIdOf,
} from './claims.ts';
import { adoptedSessionId, endOfSessionless } from './sessionless.ts';

export type Tokens = ReturnType<typeof createTokens>;

export type Checked =
  | { readonly ok: true; readonly claims: Claims }
  | { readonly ok: false; readonly reason: TokenReason };

type Deps = {
  keyRing: KeyRing;
  revocations: Revocations;
  clock: Clock;
  policy: ClaimsPolicy & {
    readonly acceptSessionlessTokens: boolean;
    /** Milliseconds that `iat` and `nbf` may be ahead; `exp` is exact (decision 005). */
    readonly leeway: number;
  };
};

// Some 5 MiB when full.
const SEEN_TOKENS = 10_000;

export function createTokens({ keyRing, revocations, clock, policy }: Deps) {
  const jti = () => crypto.randomUUID().replaceAll('-', '');
  const expected = {
    ...(policy.issuer && { issuer: policy.issuer }),
    leeway: policy.leeway / 1000,
  };
  const seen = createSeenTokens(SEEN_TOKENS, { keepsTokens: true });
  const userOf = (claims: Claims) => userIdOf(claims, policy.userIdClaim);
  const mintAccess = (holder: Holder) => {
    const now = clock.now();
    return keyRing.signAccess(accessPayload(holder, policy, now, jti()), now);
  };
  const mintRefresh = (session: HeldSession, type: RefreshType = 'refresh') =>
    keyRing.signRefresh(refreshPayload(session, policy, type));

  /**
   * A named key signs only access tokens, so a stolen one cannot refresh. The secret, which others
   * may know, signs access tokens of sessions only as long as the ring says. A token without a type
   * counts as an access token.
   */
  const isSignedAsItsType = (isByKey: boolean, claims: Claims, now: number): boolean =>
    isByKey
      ? claims['token_type'] === 'access'
      : (claims['token_type'] ?? 'access') !== 'access' ||
        keyRing.trustsSecretForAccess(now) ||
        (policy.acceptSessionlessTokens && sessionIdOf(claims) === undefined);

  /** Whether it was issued before a backup was restored (sessions/epoch.ts). */
  const isFromFormerEpoch = (claims: Claims): boolean => {
    const cutoff = revocations.cutoff();
    return cutoff > 0 && issuedAt(claims) < cutoff;
  };

  /** Why an access token has ended before its `exp`. */
  function endOf(claims: Claims): TokenReason | undefined {
    if (isFromFormerEpoch(claims)) return 'revoked';
    const sessionId = sessionIdOf(claims);
    const userId = userOf(claims);
    if (sessionId !== undefined) {
      const isRevoked = revocations.isSessionRevoked(sessionId, userId, issuedAt(claims));
      return isRevoked ? 'revoked' : undefined;
    }
    const cutoff = userId === undefined ? 0 : revocations.userCutoff(userId);
    return endOfSessionless(claims, policy.acceptSessionlessTokens, cutoff);
  }

  /** A rotating refresh token is used once, so remembering it would cost more than it saves. */
  const memoryFor = (types?: readonly TokenType[]) =>
    policy.rotateRefreshTokens && types?.length === 1 && types[0] !== 'access' ? {} : { seen };

  function checkAt(token: string, types: readonly TokenType[] | undefined, now: number): Checked {
    try {
      const { header, claims } = verifyToken(token, {
        keys: keyRing.keySet,
        ...memoryFor(types),
        now: now / 1000,
        ...expected,
        ...(types && { tokenType: types }),
      });
      if (!isAddressed(claims, policy)) return { ok: false, reason: 'wrong_audience' };
      return isSignedAsItsType(header.kid !== undefined, claims, now)
        ? { ok: true, claims }
        : { ok: false, reason: 'unsupported_algorithm' };
    } catch (error) {
      if (error instanceof TokenError) return { ok: false, reason: error.reason };
      throw error;
    }
  }

  return {
    mintAccess,

    /** The user of a token; `undefined` when the claim is absent or not an id. */
    userIdOf: userOf,

    /** Whether a token has the claim, valid or not. */
    namesUser: (claims: Claims): boolean => claims[policy.userIdClaim] !== undefined,

    /** The session id of a token without a session. */
    adoptedSessionId: (claims: Claims): string => adoptedSessionId(claims, policy.userIdClaim),

    isFromFormerEpoch,

    mintRefresh,

    /** The response to a login, in the contract's order. */
    mintPair: (session: HeldSession) => ({
      refresh: mintRefresh(session),
      access: mintAccess(session),
    }),

    /**
     * Checks only signature, times and type. Without `types`: any token of ours. The `iat` of a
     * session's refresh token may be ahead: the session decides (`isIssuedBy`).
     */
    check(token: string, types?: readonly TokenType[]): Checked {
      const checked = checkAt(token, types, clock.now());
      if (checked.ok || checked.reason !== 'not_yet_valid') return checked;
      // With these reasons the signature is valid and the claims are an object.
      const {
        iat,
        sid,
        token_type: type,
      } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
      const isOfSession = (type === 'refresh' || type === 'cookie') && sid !== undefined;
      return isOfSession ? checkAt(token, types, iat * 1000) : checked;
    },

    /** Why an access token that passed `check` is refused; reads memory, never the database. */
    accessFault(claims: Claims): TokenReason | undefined {
      const isStale = () => revocations.areClaimsStale(userOf(claims), claimsVersionOf(claims));
      return endOf(claims) ?? (isStale() ? 'stale_claims' : undefined);
    },
  };
}
