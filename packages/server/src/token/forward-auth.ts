import { parseBearer } from '@gatepass/verifier';
import type { ForwardedClaim } from '../config/claim-settings.ts';
import { action, type RequestView } from '../http/action.ts';
import { NOTHING } from '../http/openapi/schema.ts';
import { claimHeaders } from './claim-headers.ts';
import { sessionIdOf } from './claims.ts';
import type { AccessByCookie } from './cookie/access-by-cookie.ts';
import { bearerTokenNotValid, noBearer, tokenNotValid } from './refusals.ts';
import type { Tokens } from './tokens.ts';

/**
 * The value for a token without a session. Not empty, because a proxy might then pass the client's
 * own header on.
 */
const NO_SESSION = '-';
const SESSION_ID = /^[\w-]{2,64}$/;

type Deps = {
  readonly tokens: Tokens;
  readonly config: {
    readonly authHeaderTypes: readonly string[];
    readonly forwardClaims: readonly ForwardedClaim[];
  };
  /** Set if the session's cookie is accepted, for requests that cannot carry a header field. */
  readonly accessByCookie: AccessByCookie | undefined;
};

/**
 * `GET /api/token/verify`: a proxy asks, with its client's headers, whether a request may pass. Uses
 * memory alone, and accepts access tokens only.
 */
export const forwardAuth = ({ tokens, config, accessByCookie }: Deps) => {
  const { authHeaderTypes: schemes, forwardClaims: forwarded } = config;

  /** Sets the headers for an access token. @throws {Refusal} when it is not valid */
  function setHeaders(token: string, request: RequestView): void {
    const checked = tokens.check(token, ['access']);
    const fault = checked.ok ? tokens.accessFault(checked.claims) : checked.reason;
    if (fault || !checked.ok) throw bearerTokenNotValid(fault ?? 'malformed');
    const userId = tokens.userIdOf(checked.claims);
    if (userId === undefined) throw tokenNotValid('missing_user');
    const sessionId = sessionIdOf(checked.claims);
    if (sessionId !== undefined && !SESSION_ID.test(sessionId))
      throw bearerTokenNotValid('malformed');
    request.setResponseHeader('x-gatepass-user-id', String(userId));
    request.setResponseHeader('x-gatepass-session-id', sessionId ?? NO_SESSION);
    for (const [header, value] of claimHeaders(forwarded, checked.claims))
      request.setResponseHeader(header, value);
  }

  return action({
    refuses: [401],
    forProxies: true,
    operationId: 'checkRequest',
    summary: 'Check the access token of a request',
    description:
      'Forward authentication for proxies: 200 with `X-Gatepass-User-Id` and `X-Gatepass-Session-Id` ' +
      'when the `Authorization` header holds a valid access token, else 401. The claims that ' +
      'GATEPASS_FORWARD_CLAIMS lists are in `X-Gatepass-Claim-…`. With GATEPASS_FORWARD_COOKIE the ' +
      "session's cookie counts too, where there is no such header.",
    response: NOTHING,
    handle({ request }) {
      const bearer = parseBearer(request.authorization(), schemes);
      if (!('refused' in bearer)) {
        setHeaders(bearer.token, request);
        return {};
      }
      if (bearer.refused !== 'missing' || !accessByCookie || !request.mayUseCookie())
        throw noBearer(bearer.refused);
      return accessByCookie(request).then((access) => {
        setHeaders(access, request);
        return {};
      });
    },
  });
};
