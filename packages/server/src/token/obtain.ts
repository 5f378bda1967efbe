import { action } from '../http/action.ts';
import { object, requiredText } from '../http/openapi/fields.ts';
import type { Login } from './login.ts';
import type { Tokens } from './tokens.ts';

/** `POST /api/token`: an e-mail and a password open a session and become a token pair. */
export const obtain = (login: Login, tokens: Tokens) =>
  action({
    refuses: [401, 403, 429],
    summary: 'Log in',
    description: 'Exchanges an e-mail address and a password for an access and a refresh token.',
    body: object({
      email: requiredText('user@example.com'),
      password: requiredText('correct horse 9 battery'),
    }),
    response: object({ refresh: { type: 'string' }, access: { type: 'string' } }),
    handle: async ({ body, request }) => tokens.mintPair(await login(body, request)),
  });
