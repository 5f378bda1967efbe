import { Refusal } from '../errors.ts';
import { action } from '../http/action.ts';
import { object, requiredText } from '../http/openapi/fields.ts';
import type { Sessions } from '../sessions/sessions.ts';
import type { Throttle } from '../throttle/throttle.ts';
import { accountOf } from '../users/email.ts';
import type { Users } from '../users/users.ts';
import type { Tokens } from './tokens.ts';

type Deps = { users: Users; sessions: Sessions; tokens: Tokens; throttle: Throttle };

/** `POST /api/token`: an e-mail and a password open a session and become a token pair. */
export const obtain = ({ users, sessions, tokens, throttle }: Deps) =>
  action({
    refuses: [401, 429],
    summary: 'Log in',
    description: 'Exchanges an e-mail address and a password for an access and a refresh token.',
    body: object({
      email: requiredText('user@example.com'),
      password: requiredText('correct horse 9 battery'),
    }),
    answer: object({ refresh: { type: 'string' }, access: { type: 'string' } }),
    async handle({ body, request }) {
      const device = request.device();
      const requester = request.requester();
      users.assertRoom(requester);
      const session = await throttle
        .guess(accountOf(body.email), requester, (attempt) =>
          users.authenticate(body.email, body.password, device, requester, async (tx, user) => {
            await attempt.succeed(tx);
            return sessions.open(tx, user.id, device);
          }),
        )
        .catch((error) => {
          if (isThrottled(error)) users.throttled(device);
          throw error;
        });
      if (!session) throw new Refusal({ code: 'no_active_account' });
      return tokens.mintPair(session);
    },
  });

const isThrottled = (error: unknown) =>
  error instanceof Refusal && error.refused.code === 'throttled';
