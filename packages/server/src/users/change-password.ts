import { Refusal } from '../errors.ts';
import { type Action, action } from '../http/action.ts';
import { object, requiredText } from '../http/openapi/fields.ts';
import { type Reauthenticate, wrongPassword } from './reauthenticate.ts';
import type { Caller } from './user.ts';
import type { Users } from './users.ts';

/** `POST /api/users/me/password`: a new password; ends every other session of the account. */
export const changePassword = (users: Users, reauthenticate: Reauthenticate): Action<Caller> =>
  action({
    summary: 'Change the password',
    description: 'Ends all other sessions of the account at once; the one that asks goes on.',
    body: object({
      current_password: requiredText('correct horse 9 battery'),
      new_password: requiredText('granite otter parade 41'),
    }),
    refuses: [429],
    response: object({}),
    async handle({ body, caller, request }) {
      const proof = await reauthenticate(caller, body.current_password, request);
      const result = await users.changePassword(proof, body.new_password, {
        keep: caller.sessionId,
        by: request.device(),
        requester: request.requester(),
      });
      if (result === 'wrong_password') throw wrongPassword();
      if (!result.ok) {
        const { password = [] } = result.faults;
        throw new Refusal({ code: 'invalid_fields', fields: { new_password: password } });
      }
      return {};
    },
  });
