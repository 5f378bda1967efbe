import { type Action, action } from '../http/action.ts';
import type { Caller } from './user.ts';
import { accountView, viewOf } from './view.ts';

/** `GET /api/users/me`: whose token is this? */
export const me = (): Action<Caller> =>
  action({
    summary: 'The account of the access token',
    response: accountView,
    handle: ({ caller }) => viewOf(caller.user),
  });
