import { type Action, action } from '../http/action.ts';
import type { User } from './user.ts';
import { userView } from './view.ts';

/** `GET /api/users/me`: whose token is this? */
export const me = (): Action<User> =>
  action({
    summary: 'The account of the access token',
    answer: userView,
    handle: ({ caller }) => caller,
  });
