import { action } from '../http/action.ts';
import { object, requiredText, withOptional } from '../http/openapi/fields.ts';
import { storedClaims } from '../users/custom-claims.ts';
import type { LoginFields } from '../users/login-name.ts';
import { accountView, viewOf } from '../users/view.ts';
import type { Login } from './login.ts';
import type { Tokens } from './tokens.ts';

type Settings = {
  readonly loginFields: LoginFields;
  /** Whether the response has the account too. */
  readonly tokenResponseUser: boolean;
};

const pair = { refresh: { type: 'string' }, access: { type: 'string' } };
const email = requiredText('user@example.com');
const password = requiredText('correct horse 9 battery');

/** One of the two is required: the username only where it stands alone. */
const eitherName = {
  ...withOptional(object({ password }), { email, username: requiredText('alice') }),
  if: { required: ['username'] },
  else: { required: ['email'] },
};

/** `POST /api/token`: an e-mail and a password open a session and become a token pair. */
export const obtain = (login: Login, tokens: Tokens, settings: Settings) => {
  const { loginFields, tokenResponseUser: namesUser } = settings;
  const takesUsername = loginFields.includes('username');
  return action({
    refuses: [401, 403, 429],
    summary: 'Log in',
    description: takesUsername
      ? 'Exchanges an e-mail address or a username, in either field, and a password for an access and a refresh token.'
      : 'Exchanges an e-mail address and a password for an access and a refresh token.',
    body: takesUsername ? eitherName : object({ email, password }),
    response: namesUser ? object({ ...pair, user: accountView }) : object(pair),
    async handle({ body, request }) {
      const fields: Readonly<Record<string, string | undefined>> = body;
      const name = fields['email'] ?? fields['username'] ?? '';
      const { session, user } = await login({ name, password: body.password }, request);
      const tokenPair = tokens.mintPair(session);
      if (!namesUser) return tokenPair;
      // As the access token has them.
      const claims = storedClaims(session.owner.claims);
      return { ...tokenPair, user: viewOf({ ...user, claims }) };
    },
  });
};
