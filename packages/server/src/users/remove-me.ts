import { type Action, action } from '../http/action.ts';
import { object, requiredText } from '../http/fields.ts';
import { wrongPassword } from './change-password.ts';
import type { Caller } from './user.ts';
import type { Users } from './users.ts';

/** `DELETE /api/users/me`: the account, its sessions and its tokens, for good. */
export const removeMe = (users: Users): Action<Caller> =>
  action({
    summary: 'Delete the account',
    description: 'Asks for the password again; ends every session at once.',
    body: object({ current_password: requiredText('correct horse 9 battery') }),
    status: 204,
    async handle({ body, caller, request }) {
      if (!(await users.confirm(caller.user, body.current_password, request.requester())))
        throw wrongPassword();
      await users.remove(caller.user, request.device());
      return undefined;
    },
  });
