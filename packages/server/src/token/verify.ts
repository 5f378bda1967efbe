import type { TokenReason } from '../errors.ts';
import { action } from '../http/action.ts';
import { NOTHING } from '../http/openapi/schema.ts';
import type { RefreshTokens } from './refresh-token.ts';
import { tokenNotValid } from './refusals.ts';
import { TOKEN } from './schemas.ts';
import type { Tokens } from './tokens.ts';

type Deps = { readonly tokens: Tokens; readonly refreshTokens: RefreshTokens };

/**
 * `POST /api/token/verify`: is this token (access or refresh) valid? An access token is checked in
 * memory; a refresh token outlives what memory keeps, so it is looked up.
 */
export const verify = ({ tokens, refreshTokens }: Deps) =>
  action({
    takesToken: true,
    refuses: [401, 429],
    operationId: 'verifyToken',
    summary: 'Check a token',
    description: 'Returns an empty object if the access or refresh token is valid.',
    body: TOKEN,
    response: NOTHING,
    handle({ body, request }) {
      const checked = tokens.check(body.token);
      if (!checked.ok) return respond(checked.reason);
      const { token_type: type } = checked.claims;
      if (type === 'refresh')
        return refreshTokens.fault(checked.claims, () => request.device()).then(respond);
      // A token without a type is not ours, but SimpleJWT accepts it here.
      if (type !== undefined && type !== 'access') return respond('wrong_type');
      return respond(tokens.accessFault(checked.claims));
    },
  });

function respond(reason: TokenReason | undefined): object {
  if (reason) throw tokenNotValid(reason);
  return {};
}
