import type { Origin } from '../audit/event.ts';
import type { TokenReason } from '../errors.ts';
import type { ClientHash } from '../sessions/client-hash.ts';
import type { Sessions } from '../sessions/sessions.ts';
import type { Throttle } from '../throttle/attempt.ts';
import { type Claims, generationOf, issuedAt, type RefreshType, sessionIdOf } from './claims.ts';
import type { Refused, Sessionless } from './sessionless.ts';
import type { Checked, Tokens } from './tokens.ts';

export type RefreshTokens = ReturnType<typeof createRefreshTokens>;

type Deps = {
  readonly tokens: Tokens;
  readonly sessions: Sessions;
  readonly sessionless: Sessionless;
  readonly throttle: Throttle;
  readonly clientHash: ClientHash;
  readonly policy: { readonly rotateRefreshTokens: boolean };
  /** Tokens in bodies, or tokens in cookies. */
  readonly type: RefreshType;
};

/** Operations on a refresh token: use it, examine it, end its session. */
export function createRefreshTokens(deps: Deps) {
  const { tokens, sessions, sessionless, throttle, clientHash, policy, type } = deps;

  const presented = (claims: Claims) => ({
    generation: generationOf(claims),
    issuedAt: issuedAt(claims),
  });

  function check(token: string): Checked {
    const checked = tokens.check(token, [type]);
    // Other issuers under our secret do not issue cookies.
    const isForeign = type === 'cookie' && checked.ok && !sessionIdOf(checked.claims);
    return isForeign ? { ok: false, reason: 'no_session' } : checked;
  }

  async function sessionOf(claims: Claims) {
    const sessionId = sessionIdOf(claims);
    if (sessionId !== undefined)
      return { ok: true, sessionId, userId: tokens.userIdOf(claims) } as const;
    const found = await sessionless.sessionOf(claims);
    return found.ok ? { ...found, userId: found.user.publicId } : found;
  }

  return {
    /**
     * Exchanges a refresh token for an access token and, with rotation, a new refresh token.
     *
     * @param by the client; computed only with rotation, and for the audit log
     */
    async use(token: string, by: () => Origin) {
      const checked = check(token);
      if (!checked.ok) return checked;
      const { claims } = checked;
      throttle.refresh(sessionIdOf(claims) ?? tokens.adoptedSessionId(claims));
      const found = await sessionOf(claims);
      if (!found.ok) return found;
      const { sessionId, userId } = found;
      const refreshed = policy.rotateRefreshTokens
        ? await sessions.rotate(
            sessionId,
            userId,
            { ...presented(claims), by: clientHash(by()) },
            by,
          )
        : await sessions.resume(sessionId, userId, presented(claims));
      if (!refreshed.ok) return refreshed;
      const { session } = refreshed;
      const access = tokens.mintAccess(session);
      return {
        ok: true,
        session,
        response: policy.rotateRefreshTokens
          ? { access, refresh: tokens.mintRefresh(session, type) }
          : { access },
      } as const;
    },

    /** The part of a token that distinguishes it from others of its session; reads only the token. */
    nameOf(token: string): { readonly ok: true; readonly name: string } | Refused {
      const checked = check(token);
      if (!checked.ok) return checked;
      return { ok: true, name: `${sessionIdOf(checked.claims)}.${generationOf(checked.claims)}` };
    },

    /** Issues an access token without spending the refresh token. */
    async hold(token: string): Promise<{ readonly ok: true; readonly access: string } | Refused> {
      const checked = check(token);
      if (!checked.ok) return checked;
      const found = await sessionOf(checked.claims);
      if (!found.ok) return found;
      const { sessionId, userId } = found;
      const resumed = await sessions.resume(sessionId, userId, presented(checked.claims));
      return resumed.ok ? { ok: true, access: tokens.mintAccess(resumed.session) } : resumed;
    },

    /**
     * Why a refresh token that passed `check` could not be used now; changes nothing. The result
     * reveals which token is the newest, and so when the session is rotated; therefore it is
     * rate-limited.
     */
    async fault(claims: Claims, by: () => Origin): Promise<TokenReason | undefined> {
      const sessionId = sessionIdOf(claims);
      if (sessionId !== undefined)
        await throttle.look(sessionId, () => sessions.notePolled(sessionId, by()));
      const outcome =
        sessionId === undefined
          ? await sessionless.look(claims)
          : await sessions.look(sessionId, tokens.userIdOf(claims), presented(claims));
      return outcome.ok ? undefined : outcome.reason;
    },

    /** Ends the session of a refresh token; an ended session is not an error. */
    async end(token: string, by: Origin): Promise<{ readonly ok: true } | Refused> {
      const checked = check(token);
      if (!checked.ok) return checked;
      const { claims } = checked;
      const sessionId = sessionIdOf(claims);
      if (sessionId === undefined) return sessionless.end(claims, by);
      await sessions.logOut(sessionId, tokens.userIdOf(claims), by);
      return { ok: true };
    },
  };
}
