import { Refusal } from '../errors.ts';
import { type Action, action } from '../http/action.ts';
import { object, requiredText } from '../http/openapi/fields.ts';
import type { Throttle } from '../throttle/throttle.ts';
import { accountOf } from './email.ts';
import type { Caller } from './user.ts';
import type { Users } from './users.ts';

/** `POST /api/users/me/password`: a new password; ends every other session of the account. */
export const changePassword = (users: Users, throttle: Throttle): Action<Caller> =>
  action({
    summary: 'Change the password',
    description: 'Ends all other sessions of the account at once; the one that asks goes on.',
    body: object({
      current_password: requiredText('correct horse 9 battery'),
      new_password: requiredText('granite otter parade 41'),
    }),
    refuses: [429],
    answer: object({}),
    async handle({ body, caller, request }) {
      const { user, sessionId } = caller;
      const passwords = { current: body.current_password, next: body.new_password };
      const requester = request.requester();
      const device = request.device();
      users.assertRoom(requester);
      const result = await throttle.guess(accountOf(user.email), requester, async (attempt) => {
        const outcome = await users.changePassword(user, passwords, sessionId, device, requester);
        if (outcome !== 'wrong_password') await attempt.succeed();
        return outcome;
      });
      if (result === 'wrong_password') throw wrongPassword();
      if (!result.ok) {
        const { password = [] } = result.faults;
        throw new Refusal({ code: 'invalid_fields', fields: { new_password: password } });
      }
      return {};
    },
  });

export const wrongPassword = () =>
  new Refusal({
    code: 'invalid_fields',
    fields: { current_password: [{ code: 'password_wrong' }] },
  });
