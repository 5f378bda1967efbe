import { action } from '../http/action.ts';
import type { RefreshTokens } from './refresh-token.ts';
import { tokenNotValid } from './refusals.ts';
import { ACCESS_TOKEN, REFRESH_TOKEN, ROTATED_PAIR } from './schemas.ts';

type Deps = {
  readonly refreshTokens: RefreshTokens;
  readonly config: { readonly rotateRefreshTokens: boolean };
};

/** `POST /api/token/refresh`: exchanges a refresh token for a new access token. */
export const refresh = ({ refreshTokens, config: { rotateRefreshTokens: rotates } }: Deps) =>
  action({
    takesToken: true,
    refuses: [401, 429],
    operationId: 'refreshToken',
    summary: 'Get a new access token',
    description: rotates
      ? 'The refresh token is replaced: keep the new one. A repeat within seconds returns the same.'
      : 'The refresh token stays valid until it expires or its session ends.',
    body: REFRESH_TOKEN,
    response: rotates ? ROTATED_PAIR : ACCESS_TOKEN,
    async handle({ body, request }) {
      const used = await refreshTokens.use(body.refresh, () => request.device());
      if (!used.ok) throw tokenNotValid(used.reason);
      return used.response;
    },
  });
