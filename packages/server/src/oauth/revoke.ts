import type { ApiKey } from '../api-keys/store.ts';
import type { Origin } from '../audit/event.ts';
import { type Action, action } from '../http/action.ts';
import { NOTHING } from '../http/openapi/schema.ts';
import type { Sessions } from '../sessions/sessions.ts';
import { sessionIdOf } from '../token/claims.ts';
import type { RefreshTokens } from '../token/refresh-token.ts';
import type { Tokens } from '../token/tokens.ts';
import type { Users } from '../users/users.ts';
import { TOKEN_PARAMETERS } from './introspect.ts';

type Deps = {
  readonly tokens: Tokens;
  readonly refreshTokens: RefreshTokens;
  readonly sessions: Sessions;
  readonly users: Users;
};

/**
 * `POST /oauth/revoke` (RFC 7009). Both kinds of tokens belong to a session, so either ends it: access
 * tokens do not outlive their grant (§2.1).
 */
export const revoke = ({ tokens, refreshTokens, sessions, users }: Deps): Action<ApiKey> => {
  async function endOf(token: string, by: Origin): Promise<void> {
    const checked = tokens.check(token, ['access', 'refresh']);
    // RFC 7009 §2.2: an invalid token needs no revocation.
    if (!checked.ok) return;
    const { claims } = checked;
    if (claims['token_type'] === 'refresh') {
      await refreshTokens.end(token, by);
      return;
    }
    const sessionId = sessionIdOf(claims);
    const userId = tokens.userIdOf(claims);
    const user = userId === undefined ? undefined : await users.findByPublicId(userId);
    if (user && sessionId !== undefined)
      await sessions.endOne(user.id, sessionId, 'ended_by_operator', by);
  }

  return action({
    operationId: 'revokeToken',
    summary: 'End the session of a token (RFC 7009)',
    description:
      'Needs an API key with the scope `introspect`. The response is the same for a token that is invalid already.',
    body: TOKEN_PARAMETERS,
    refuses: [403],
    response: NOTHING,
    async handle({ body, caller, request }) {
      await endOf(body.token, { ...request.device(), actor: `key:${caller.id}` });
      return {};
    },
  });
};
