import { action } from '../http/action.ts';
import { NOTHING } from '../http/openapi/schema.ts';
import type { RefreshTokens } from './refresh-token.ts';
import { tokenNotValid } from './refusals.ts';
import { REFRESH_TOKEN } from './schemas.ts';

type Deps = { readonly refreshTokens: RefreshTokens };

/** `POST /api/token/blacklist` (SimpleJWT's name): log out. Voids the session's access tokens too. */
export const blacklist = ({ refreshTokens }: Deps) =>
  action({
    takesToken: true,
    refuses: [401],
    operationId: 'blacklistToken',
    summary: 'Log out',
    description: 'Ends the session of the refresh token, at once and everywhere; idempotent.',
    body: REFRESH_TOKEN,
    response: NOTHING,
    async handle({ body, request }) {
      const ended = await refreshTokens.end(body.refresh, request.device());
      if (!ended.ok) throw tokenNotValid(ended.reason);
      return {};
    },
  });
