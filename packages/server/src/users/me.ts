import { type Action, action } from '../http/action.ts';
import type { Caller } from './user.ts';
import { ACCOUNT, viewOf } from './view.ts';

/** `GET /api/users/me`: whose token is this? */
export const me = (): Action<Caller> =>
  action({
    operationId: 'showMe',
    summary: 'The account of the access token',
    response: ACCOUNT,
    handle: ({ caller }) => viewOf(caller.user),
  });
