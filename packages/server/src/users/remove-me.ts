import { type Action, action } from '../http/action.ts';
import type { ObjectSchema } from '../http/openapi/schema.ts';
import { PROOF, type Prove } from './prove.ts';
import { wrongPassword } from './reauthenticate.ts';
import type { Caller } from './user.ts';
import type { Users } from './users.ts';

const CONFIRMATION = {
  title: 'Confirmation',
  type: 'object',
  required: ['current_password'],
  properties: PROOF,
} as const satisfies ObjectSchema;

type Deps = { readonly users: Users; readonly prove: Prove };

/** `DELETE /api/users/me`: the account, its sessions and its tokens, for good. */
export const removeMe = ({ users, prove }: Deps): Action<Caller> =>
  action({
    operationId: 'deleteMe',
    summary: 'Delete the account',
    description:
      'Asks for the password again, and for a `code` where a second factor is on; ends every session at once.',
    body: CONFIRMATION,
    status: 204,
    refuses: [429],
    async handle({ body, caller, request }) {
      const { user, checkedHash } = await prove(caller, body, request);
      const isRemoved = await users.remove(user, request.device(), checkedHash);
      if (!isRemoved) throw wrongPassword();
      return undefined;
    },
  });
