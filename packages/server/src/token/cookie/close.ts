import { action } from '../../http/action.ts';
import type { RefreshTokens } from '../refresh-token.ts';
import type { HostCookie } from './host-cookie.ts';

type Deps = { readonly cookieTokens: RefreshTokens; readonly sessionCookie: HostCookie };

/** `DELETE /api/session`: log out. The cookie is cleared, whatever it holds. */
export const closeSession = ({ cookieTokens, sessionCookie: cookie }: Deps) =>
  action({
    usesCookie: true,
    operationId: 'closeSession',
    summary: 'Log out, with the cookie',
    description: 'Ends the session, at once and everywhere, and clears the cookie; idempotent.',
    status: 204,
    async handle({ request }) {
      const token = cookie.read(request.cookies());
      if (token !== undefined) await cookieTokens.end(token, request.device());
      request.setResponseHeader('set-cookie', cookie.clear);
      return undefined;
    },
  });
