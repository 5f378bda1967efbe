import { Refusal } from '../errors.ts';
import { action } from '../http/action.ts';
import { object, requiredText } from '../http/fields.ts';
import type { Sessions } from '../sessions/sessions.ts';
import type { Users } from '../users/users.ts';
import type { Tokens } from './tokens.ts';

/** `POST /api/token`: an e-mail and a password open a session and become a token pair. */
export const obtain = (users: Users, sessions: Sessions, tokens: Tokens) =>
  action({
    refuses: [401],
    summary: 'Log in',
    description: 'Exchanges an e-mail address and a password for an access and a refresh token.',
    body: object({
      email: requiredText('user@example.com'),
      password: requiredText('correct horse 9 battery'),
    }),
    answer: object({ refresh: { type: 'string' }, access: { type: 'string' } }),
    async handle({ body, request }) {
      const device = request.device();
      const session = await users.authenticate(
        body.email,
        body.password,
        device,
        request.requester(),
        (tx, user) => sessions.open(tx, user.id, device),
      );
      if (!session) throw new Refusal({ code: 'no_active_account' });
      return tokens.mintPair(session);
    },
  });
