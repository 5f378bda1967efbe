import { type Action, action } from '../http/action.ts';
import { type ObjectSchema, requiredText } from '../http/openapi/schema.ts';
import { type Reauthenticate, wrongPassword } from './reauthenticate.ts';
import type { Caller } from './user.ts';
import type { Users } from './users.ts';

const CONFIRMATION = {
  title: 'Confirmation',
  type: 'object',
  required: ['current_password'],
  properties: { current_password: requiredText('correct horse 9 battery') },
} as const satisfies ObjectSchema;

/** `DELETE /api/users/me`: the account, its sessions and its tokens, for good. */
export const removeMe = (users: Users, reauthenticate: Reauthenticate): Action<Caller> =>
  action({
    operationId: 'deleteMe',
    summary: 'Delete the account',
    description: 'Asks for the password again; ends every session at once.',
    body: CONFIRMATION,
    status: 204,
    refuses: [429],
    async handle({ body, caller, request }) {
      const { user, checkedHash } = await reauthenticate(caller, body.current_password, request);
      const isRemoved = await users.remove(user, request.device(), checkedHash);
      if (!isRemoved) throw wrongPassword();
      return undefined;
    },
  });
