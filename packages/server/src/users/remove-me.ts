import { type Action, action } from '../http/action.ts';
import { object, requiredText } from '../http/openapi/fields.ts';
import type { Throttle } from '../throttle/throttle.ts';
import { wrongPassword } from './change-password.ts';
import { accountOf } from './email.ts';
import type { Caller } from './user.ts';
import type { Users } from './users.ts';

/** `DELETE /api/users/me`: the account, its sessions and its tokens, for good. */
export const removeMe = (users: Users, throttle: Throttle): Action<Caller> =>
  action({
    summary: 'Delete the account',
    description: 'Asks for the password again; ends every session at once.',
    body: object({ current_password: requiredText('correct horse 9 battery') }),
    status: 204,
    refuses: [429],
    async handle({ body, caller, request }) {
      const { user } = caller;
      const requester = request.requester();
      users.assertRoom(requester);
      const isOwner = await throttle.guess(accountOf(user.email), requester, async (attempt) => {
        const isRight = await users.confirm(user, body.current_password, requester);
        if (isRight) await attempt.succeed();
        return isRight;
      });
      if (!isOwner) throw wrongPassword();
      await users.remove(user, request.device());
      return undefined;
    },
  });
