import { action } from '../http/action.ts';
import { object, requiredText } from '../http/openapi/fields.ts';
import { storedClaims } from '../users/custom-claims.ts';
import { accountView, viewOf } from '../users/view.ts';
import type { Login } from './login.ts';
import type { Tokens } from './tokens.ts';

const pair = { refresh: { type: 'string' }, access: { type: 'string' } };

/**
 * `POST /api/token`: an e-mail and a password open a session and become a token pair.
 *
 * @param namesUser whether the response has the account too
 */
export const obtain = (login: Login, tokens: Tokens, namesUser: boolean) =>
  action({
    refuses: [401, 403, 429],
    summary: 'Log in',
    description: 'Exchanges an e-mail address and a password for an access and a refresh token.',
    body: object({
      email: requiredText('user@example.com'),
      password: requiredText('correct horse 9 battery'),
    }),
    response: namesUser ? object({ ...pair, user: accountView }) : object(pair),
    async handle({ body, request }) {
      const { session, user } = await login(body, request);
      const tokenPair = tokens.mintPair(session);
      if (!namesUser) return tokenPair;
      // As the access token has them.
      const claims = storedClaims(session.owner.claims);
      return { ...tokenPair, user: viewOf({ ...user, claims }) };
    },
  });
