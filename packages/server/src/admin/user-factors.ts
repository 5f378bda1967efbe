import { NOT_FOUND, Refusal } from '../errors.ts';
import { type Action, action } from '../http/action.ts';
import type { Factors } from '../mfa/factors.ts';
import { FACTORS, viewOf } from '../mfa/views.ts';
import type { Users } from '../users/users.ts';
import { type AdminCaller, originOf } from './guard.ts';
import { namedUser, userToChange } from './user-view.ts';

/** `GET /api/admin/users/:id/factors` */
export const listUserFactors = (users: Users, factors: Factors): Action<AdminCaller> =>
  action({
    operationId: 'adminListFactors',
    summary: 'The second factors of an account',
    refuses: [404],
    response: { ...FACTORS, title: 'AdminFactors' },
    async handle({ request }) {
      const { id } = await namedUser(users, request);
      const { factors: found, codesLeft } = await factors.list(id);
      return { factors: found.map(viewOf), recovery_codes_left: codesLeft };
    },
  });

/** `DELETE /api/admin/users/:id/factors/:factor` */
export const removeUserFactor = (users: Users, factors: Factors): Action<AdminCaller> =>
  action({
    operationId: 'adminRemoveFactor',
    summary: 'Remove a second factor; with the last one the recovery codes go',
    description:
      'Ends all sessions of the account, and its owner is told by mail. Make sure that the owner is asking.',
    status: 204,
    refuses: [404],
    async handle({ caller, request }) {
      const user = await userToChange(users, caller, request);
      const { factor = '' } = request.params;
      const id = /^[1-9]\d{0,15}$/.test(factor) ? Number(factor) : 0;
      const change = { by: originOf(caller, request), sessionId: undefined };
      if (!(await factors.remove(user, id, change))) throw new Refusal(NOT_FOUND);
      return undefined;
    },
  });
