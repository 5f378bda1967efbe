import { action } from '../http/action.ts';
import { type ObjectSchema, requiredText } from '../http/openapi/schema.ts';
import { storedClaims } from '../users/custom-claims.ts';
import type { LoginFields } from '../users/login-name.ts';
import { ACCOUNT, TOKEN_PAIR, viewOf } from '../users/view.ts';
import type { Login } from './login.ts';
import type { Tokens } from './tokens.ts';

type Settings = {
  readonly loginFields: LoginFields;
  /** Whether the response has the account too. */
  readonly tokenResponseUser: boolean;
};

const LOGIN = {
  title: 'Login',
  type: 'object',
  required: ['email', 'password'],
  properties: {
    email: requiredText('user@example.com'),
    password: requiredText('correct horse 9 battery'),
  },
} as const satisfies ObjectSchema;

/** One of the two names is required: the username only where it stands alone. */
const NAMED_LOGIN = {
  title: 'Login',
  type: 'object',
  required: ['password'],
  properties: { ...LOGIN.properties, username: requiredText('alice') },
  if: { required: ['username'] },
  else: { required: ['email'] },
} as const;

const PAIR_AND_USER = {
  title: 'TokenPairAndUser',
  type: 'object',
  required: ['refresh', 'access', 'user'],
  properties: { ...TOKEN_PAIR.properties, user: ACCOUNT },
} as const satisfies ObjectSchema;

/** `POST /api/token`: an e-mail and a password open a session and become a token pair. */
export const obtain = (login: Login, tokens: Tokens, settings: Settings) => {
  const { loginFields, tokenResponseUser: namesUser } = settings;
  const takesUsername = loginFields.includes('username');
  return action({
    refuses: [401, 403, 429],
    operationId: 'obtainTokenPair',
    summary: 'Log in',
    description: takesUsername
      ? 'Exchanges an e-mail address or a username, in either field, and a password for an access and a refresh token.'
      : 'Exchanges an e-mail address and a password for an access and a refresh token.',
    body: takesUsername ? NAMED_LOGIN : LOGIN,
    response: namesUser ? PAIR_AND_USER : TOKEN_PAIR,
    async handle({ body, request }) {
      const { email, username = '' }: { email?: string; username?: unknown } = body;
      const name = email ?? String(username);
      const { session, user } = await login({ name, password: body.password }, request);
      const tokenPair = tokens.mintPair(session);
      if (!namesUser) return tokenPair;
      // As the access token has them.
      const claims = storedClaims(session.owner.claims);
      return { ...tokenPair, user: viewOf({ ...user, claims }) };
    },
  });
};
