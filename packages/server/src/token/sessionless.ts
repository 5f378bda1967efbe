/**
 * Tokens without a session, from another issuer under our secret, such as Django before a move
 * (`GATEPASS_ACCEPT_SESSIONLESS_TOKENS`). Owns everything about them, so the file can be deleted when
 * it is no longer needed.
 */
import { hash } from 'node:crypto';
import type { Origin } from '../audit/event.ts';
import type { Clock } from '../clock.ts';
import type { PublicId } from '../config/public-id.ts';
import type { Tx } from '../database/database.ts';
import type { TokenReason } from '../errors.ts';
import type { Factors } from '../mfa/factors.ts';
import { UNKNOWN_AUTHENTICATION } from '../sessions/authentication.ts';
import { type DeviceSession, UNROTATED } from '../sessions/session.ts';
import type { Sessions } from '../sessions/sessions.ts';
import type { User } from '../users/user.ts';
import type { Users } from '../users/users.ts';
import { type Claims, issuedAt, sessionIdOf } from './claims.ts';

export type Refused = { readonly ok: false; readonly reason: TokenReason };
/** The owner of a token without a session, and the id that its session has or would have. */
type Owner = { readonly ok: true; readonly user: User; readonly sessionId: string };

export type Sessionless = ReturnType<typeof createSessionless>;

type Deps = {
  /** The functions of `Tokens` that read them. */
  readonly tokens: {
    readonly isFromFormerEpoch: (claims: Claims) => boolean;
    readonly namesUser: (claims: Claims) => boolean;
    readonly userIdOf: (claims: Claims) => PublicId | undefined;
    readonly adoptedSessionId: (claims: Claims) => string;
  };
  readonly sessions: Pick<Sessions, 'adopt' | 'endOne' | 'find'>;
  readonly users: Pick<Users, 'findByPublicId' | 'holdValid'>;
  readonly factors: Pick<Factors, 'kindsOf'>;
  readonly clock: Clock;
  readonly isAccepted: boolean;
};

/**
 * The session id under which a token without a session is remembered after its logout or rotation:
 * derived from its claims, never from its text, which has several spellings.
 */
export const adoptedSessionId = (claims: Claims, userIdClaim: string): string =>
  hash(
    'sha256',
    JSON.stringify([claims[userIdClaim], claims['jti'], claims['iat'], claims['exp']]),
    'base64url',
  ).slice(0, 22);

/** Whether a token without a session is from before its owner's password changed. */
export const isOutdated = (claims: Claims, { tokensValidFrom }: User): boolean =>
  sessionIdOf(claims) === undefined && tokensValidFrom > 0 && issuedAt(claims) < tokensValidFrom;

/**
 * Why an access token without a session has ended.
 *
 * @param cutoff tokens of the owner issued before this epoch second are revoked; 0 = none
 */
export function endOfSessionless(
  claims: Claims,
  isAccepted: boolean,
  cutoff: number,
): TokenReason | undefined {
  if (!isAccepted) return 'no_session';
  return cutoff > 0 && issuedAt(claims) < cutoff ? 'revoked' : undefined;
}

/** Refresh tokens without a session: checked by their user, and made sessions on use. */
export function createSessionless(deps: Deps) {
  const { tokens, sessions, users, factors, clock, isAccepted } = deps;
  const refuse = (reason: TokenReason): Refused => ({ ok: false, reason });

  async function ownerOf(claims: Claims): Promise<Owner | Refused> {
    if (!isAccepted) return refuse('no_session');
    if (tokens.isFromFormerEpoch(claims)) return refuse('revoked');
    if (!tokens.namesUser(claims)) return refuse('missing_user');
    const userId = tokens.userIdOf(claims);
    const user = userId === undefined ? undefined : await users.findByPublicId(userId);
    if (!user) return refuse('user_not_found');
    if (!user.isActive) return refuse('user_inactive');
    if (isOutdated(claims, user)) return refuse('revoked');
    return { ok: true, user, sessionId: tokens.adoptedSessionId(claims) };
  }

  /** The issuer of the token has not asked for a second factor, so an account with one is refused. */
  const mayBegin = async (user: User, tx?: Tx) => (await factors.kindsOf(user.id, tx)).length === 0;

  /** @param isGood a further condition, checked within the transaction */
  function adopt(
    { user, sessionId }: Owner,
    claims: Claims,
    isGood: (tx: Tx) => Promise<boolean> = async () => true,
  ) {
    // The session begins today, whatever the age of the token.
    const createdAt = clock.now();
    const session: Omit<DeviceSession, 'series'> = {
      id: sessionId,
      userId: user.id,
      ...UNROTATED,
      rotatedAt: createdAt,
      createdAt,
      expiresAt: Math.min(Math.ceil(Number(claims['exp']) * 1000), Number.MAX_SAFE_INTEGER),
      lastUsedAt: createdAt,
      endedAt: undefined,
      userAgent: '',
      address: '',
      auth: UNKNOWN_AUTHENTICATION,
    };
    return sessions.adopt(
      session,
      async (tx) => (await users.holdValid(tx, user.id, issuedAt(claims))) && isGood(tx),
    );
  }

  return {
    /** The session of a token: its first refresh makes one, later ones find it. */
    async sessionOf(claims: Claims): Promise<Owner | Refused> {
      const owner = await ownerOf(claims);
      if (!owner.ok) return owner;
      const isKnown =
        (await sessions.find(owner.sessionId)) ||
        (await adopt(owner, claims, (tx) => mayBegin(owner.user, tx)));
      return isKnown ? owner : refuse('revoked');
    },

    /** Why a token could not be used now, or its owner; changes nothing. */
    async look(claims: Claims): Promise<Owner | Refused> {
      const owner = await ownerOf(claims);
      if (!owner.ok) return owner;
      const adopted = await sessions.find(owner.sessionId);
      const isSpent = adopted && (adopted.endedAt !== undefined || adopted.generation > 0);
      return isSpent || !(adopted || (await mayBegin(owner.user))) ? refuse('revoked') : owner;
    },

    /** Ends the session of a token, even if it was never begun. */
    async end(claims: Claims, by: Origin): Promise<{ readonly ok: true } | Refused> {
      const owner = await ownerOf(claims);
      if (!owner.ok) return owner;
      if (!(await adopt(owner, claims))) return refuse('revoked');
      await sessions.endOne(owner.user.id, owner.sessionId, 'logout', by);
      return { ok: true };
    },
  };
}
