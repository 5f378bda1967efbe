import { type Action, action } from '../http/action.ts';
import type { Caller } from './user.ts';
import { userView } from './view.ts';

/** `GET /api/users/me`: whose token is this? */
export const me = (): Action<Caller> =>
  action({
    summary: 'The account of the access token',
    response: userView,
    handle: ({ caller }) => caller.user,
  });
