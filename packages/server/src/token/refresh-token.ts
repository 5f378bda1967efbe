import type { Origin } from '../audit/event.ts';
import type { Clock } from '../clock.ts';
import type { PublicId } from '../config/public-id.ts';
import type { TokenReason } from '../errors.ts';
import type { ClientHash } from '../sessions/client-hash.ts';
import { type DeviceSession, UNROTATED } from '../sessions/session.ts';
import type { Refreshed, Sessions } from '../sessions/sessions.ts';
import type { Throttle } from '../throttle/attempt.ts';
import type { User } from '../users/user.ts';
import type { Users } from '../users/users.ts';
import { generationOf, issuedAt, sessionIdOf } from './claims.ts';
import type { Claims, Tokens } from './tokens.ts';

export type Exchange = ReturnType<typeof createExchange>;

type Refused = { readonly ok: false; readonly reason: TokenReason };
/** The owner of a token without session, under the id such a session would have. */
type Sessionless = { readonly ok: true; readonly user: User; readonly sessionId: string };

type Deps = {
  tokens: Tokens;
  sessions: Sessions;
  users: Users;
  throttle: Throttle;
  clientHash: ClientHash;
  clock: Clock;
  policy: { readonly rotateRefreshTokens: boolean; readonly acceptSessionlessTokens: boolean };
};

/** What can be done with a refresh token: use it, look at it, end its session. */
export function createExchange(deps: Deps) {
  const { tokens, sessions, users, throttle, clientHash, clock, policy } = deps;
  const refuse = (reason: TokenReason): Refused => ({ ok: false, reason });

  type Spend = (
    id: string,
    userId: PublicId | undefined,
    claims: Claims,
    by: () => Origin,
  ) => Promise<Refreshed>;
  const seen = (claims: Claims) => ({
    generation: generationOf(claims),
    issuedAt: issuedAt(claims),
  });
  const spend: Spend = policy.rotateRefreshTokens
    ? (id, userId, claims, by) =>
        sessions.rotate(id, userId, { ...seen(claims), by: clientHash(by()) }, by)
    : (id, userId, claims) => sessions.resume(id, userId, seen(claims));

  /** A token of another issuer under our secret (a migration from Django): checked by its user. */
  async function sessionless(claims: Claims): Promise<Sessionless | Refused> {
    if (!policy.acceptSessionlessTokens) return refuse('no_session');
    if (tokens.isFromFormerEpoch(claims)) return refuse('revoked');
    if (!tokens.namesUser(claims)) return refuse('missing_user');
    const userId = tokens.userIdOf(claims);
    const user = userId === undefined ? undefined : await users.findByPublicId(userId);
    if (!user) return refuse('user_not_found');
    if (!user.isActive) return refuse('user_inactive');
    if (user.tokensValidFrom > 0 && issuedAt(claims) < user.tokensValidFrom)
      return refuse('revoked');
    return { ok: true, user, sessionId: tokens.adoptedSessionId(claims) };
  }

  const adopt = ({ user, sessionId }: Sessionless, claims: Claims) => {
    // Its own age says nothing: it becomes a session today.
    const createdAt = clock.now();
    const session: Omit<DeviceSession, 'series'> = {
      id: sessionId,
      userId: user.id,
      ...UNROTATED,
      rotatedAt: createdAt,
      createdAt,
      expiresAt: Math.min(Math.ceil(Number(claims['exp']) * 1000), Number.MAX_SAFE_INTEGER),
      lastUsedAt: clock.now(),
      endedAt: undefined,
      userAgent: '',
      address: '',
    };
    return sessions.adopt(session, (tx) => users.holdValid(tx, user.id, issuedAt(claims)));
  };

  async function lookSessionless(claims: Claims) {
    const owner = await sessionless(claims);
    if (!owner.ok) return owner;
    const adopted = await sessions.find(owner.sessionId);
    return adopted && (adopted.endedAt !== undefined || adopted.generation > 0)
      ? refuse('revoked')
      : owner;
  }

  /** The first refresh makes it a session; a second one finds it. */
  async function useSessionless(claims: Claims, by: () => Origin): Promise<Refreshed | Refused> {
    const owner = await sessionless(claims);
    if (!owner.ok) return owner;
    if (!(await sessions.find(owner.sessionId)) && !(await adopt(owner, claims)))
      return refuse('revoked');
    return spend(owner.sessionId, owner.user.publicId, claims, by);
  }

  return {
    /**
     * A refresh token becomes an access token, and a new refresh token where they rotate.
     *
     * @param by who asks; only computed for the audit log, on reuse
     */
    async use(token: string, by: () => Origin) {
      const checked = tokens.check(token, ['refresh']);
      if (!checked.ok) return checked;
      const { claims } = checked;
      const sessionId = sessionIdOf(claims);
      throttle.refresh(sessionId ?? tokens.adoptedSessionId(claims));
      const refreshed =
        sessionId === undefined
          ? await useSessionless(claims, by)
          : await spend(sessionId, tokens.userIdOf(claims), claims, by);
      if (!refreshed.ok) return refreshed;
      const { session } = refreshed;
      const access = tokens.mintAccess(session);
      return {
        ok: true,
        answer: policy.rotateRefreshTokens
          ? { access, refresh: tokens.mintRefresh(session) }
          : { access },
      } as const;
    },

    /**
     * Why a refresh token that passed `check` could not be used now; changes nothing. It tells the
     * newest tokens from older ones, and so when the session is rotated: asking is limited.
     */
    async fault(claims: Claims, by: () => Origin): Promise<TokenReason | undefined> {
      const sessionId = sessionIdOf(claims);
      if (sessionId !== undefined)
        await throttle.look(sessionId, () => sessions.notePolled(sessionId, by()));
      const outcome =
        sessionId === undefined
          ? await lookSessionless(claims)
          : await sessions.look(sessionId, tokens.userIdOf(claims), seen(claims));
      return outcome.ok ? undefined : outcome.reason;
    },

    /** Ends the session of a refresh token; a session that has ended already is no fault. */
    async end(token: string, by: Origin): Promise<{ readonly ok: true } | Refused> {
      const checked = tokens.check(token, ['refresh']);
      if (!checked.ok) return checked;
      const { claims } = checked;
      const sessionId = sessionIdOf(claims);
      if (sessionId !== undefined) {
        await sessions.logOut(sessionId, tokens.userIdOf(claims), by);
        return { ok: true };
      }
      const owner = await sessionless(claims);
      if (!owner.ok) return owner;
      if (!(await adopt(owner, claims))) return refuse('revoked');
      await sessions.endOne(owner.user.id, owner.sessionId, 'logout', by);
      return { ok: true };
    },
  };
}
