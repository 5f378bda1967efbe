import { Refusal } from '../errors.ts';
import { action } from '../http/action.ts';
import { object, requiredText } from '../http/fields.ts';
import type { Users } from '../users/users.ts';
import type { Tokens } from './tokens.ts';

/** `POST /api/token`: an e-mail and a password become a token pair. */
export const obtain = (users: Users, tokens: Tokens) =>
  action({
    summary: 'Log in',
    description: 'Exchanges an e-mail address and a password for an access and a refresh token.',
    body: object({
      email: requiredText('user@example.com'),
      password: requiredText('correct horse 9 battery'),
    }),
    answer: object({ refresh: { type: 'string' }, access: { type: 'string' } }),
    async handle({ body, signal }) {
      const user = await users.authenticate(body.email, body.password, signal());
      if (!user) throw new Refusal({ code: 'no_active_account' });
      return tokens.mintPair(user);
    },
  });
