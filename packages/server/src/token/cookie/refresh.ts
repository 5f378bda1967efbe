import { Refusal } from '../../errors.ts';
import { action } from '../../http/action.ts';
import type { RefreshTokens } from '../refresh-token.ts';
import { NO_SESSION_COOKIE, tokenNotValid } from '../refusals.ts';
import { ACCESS_TOKEN } from '../schemas.ts';
import type { HostCookie } from './host-cookie.ts';

type Deps = { readonly cookieTokens: RefreshTokens; readonly sessionCookie: HostCookie };

/** `POST /api/session/refresh`: the cookie becomes an access token and, where tokens rotate, a new cookie. */
export const refreshSession = ({ cookieTokens, sessionCookie: cookie }: Deps) =>
  action({
    usesCookie: true,
    refuses: [401, 429],
    operationId: 'refreshSession',
    summary: 'Get a new access token, with the cookie',
    description: 'Without a body. A cookie that is refused with 401 is cleared: log in again.',
    response: ACCESS_TOKEN,
    async handle({ request }) {
      const refuse = (refusal: Refusal): never => {
        // Without a cookie, clearing could only hit the cookie of a login that overtook this request.
        if (cookie.isIn(request.cookies())) request.setResponseHeader('set-cookie', cookie.clear);
        throw refusal;
      };
      const token = cookie.read(request.cookies());
      if (token === undefined) return refuse(new Refusal(NO_SESSION_COOKIE));
      const used = await cookieTokens.use(token, () => request.device());
      if (!used.ok) return refuse(tokenNotValid(used.reason));
      const { response, session } = used;
      if (response.refresh !== undefined)
        request.setResponseHeader('set-cookie', cookie.keep(response.refresh, session.expiresAt));
      return { access: response.access };
    },
  });
