import { type Action, action } from '../http/action.ts';
import type { User } from './user.ts';
import { UserView } from './view.ts';

/** `GET /api/users/me`: whose token is this? */
export const me = (): Action<User> =>
  action({
    summary: 'The account of the access token',
    answer: UserView,
    handle: ({ caller }) => caller,
  });
