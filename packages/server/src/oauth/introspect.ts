import type { ApiKey } from '../api-keys/store.ts';
import { Refusal } from '../errors.ts';
import { type Action, action, type RequestView } from '../http/action.ts';
import { type ObjectSchema, requiredText, text } from '../http/openapi/schema.ts';
import type { Claims } from '../token/claims.ts';
import type { RefreshTokens } from '../token/refresh-token.ts';
import type { Tokens } from '../token/tokens.ts';
import type { Caller } from '../users/user.ts';

const INTROSPECTION = {
  title: 'Introspection',
  type: 'object',
  required: ['active'],
  properties: {
    active: { type: 'boolean' },
    token_type: { ...text, description: '`Bearer` or `refresh_token`' },
    sub: text,
    username: { ...text, description: 'The address of the account' },
    exp: { type: 'integer' },
    iat: { type: 'integer' },
    jti: text,
  },
  additionalProperties: true,
  description: 'Of an active token all its claims too',
} as const satisfies ObjectSchema;

export const TOKEN_PARAMETERS = {
  title: 'TokenParameters',
  type: 'object',
  required: ['token'],
  properties: {
    token: requiredText('eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9…'),
    token_type_hint: { ...text, description: 'Not needed: a token says what it is' },
  },
} as const satisfies ObjectSchema;

type Deps = {
  readonly tokens: Tokens;
  readonly refreshTokens: RefreshTokens;
  /** The guard of Bearer routes, which knows ended sessions at once. */
  readonly asBearer: (authorization: string) => Promise<Caller>;
};

/** `POST /oauth/introspect` (RFC 7662), for gateways that verify no signatures themselves. */
export const introspect = ({ tokens, refreshTokens, asBearer }: Deps): Action<ApiKey> => {
  /** The introspection of a token; `undefined` = it is not active, for any reason. */
  async function activeOf(token: string, request: RequestView) {
    const checked = tokens.check(token, ['access', 'refresh']);
    if (!checked.ok) return undefined;
    const { claims } = checked;
    if (claims['token_type'] === 'refresh') {
      const fault = await refreshTokens.fault(claims, () => request.device());
      return fault ? undefined : view(claims, 'refresh_token');
    }
    try {
      const { user } = await asBearer(`Bearer ${token}`);
      return { ...view(claims, 'Bearer'), username: user.email };
    } catch (error) {
      if (error instanceof Refusal && error.kind.status === 401) return undefined;
      throw error;
    }
  }

  return action({
    operationId: 'introspectToken',
    summary: 'Whether a token is active, and what it says (RFC 7662)',
    description:
      'Needs an API key with the scope `introspect`, as Bearer or as the password of Basic. Of a token that is not active it says nothing else.',
    body: TOKEN_PARAMETERS,
    refuses: [403],
    response: INTROSPECTION,
    handle: async ({ body, request }) => (await activeOf(body.token, request)) ?? { active: false },
  });
};

const view = (claims: Claims, type: string) => ({
  ...claims,
  active: true,
  token_type: type,
});
