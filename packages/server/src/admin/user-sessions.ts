import { NOT_FOUND, Refusal } from '../errors.ts';
import { type Action, action } from '../http/action.ts';
import { type ObjectSchema, text } from '../http/openapi/schema.ts';
import { view } from '../sessions/list.ts';
import type { Sessions } from '../sessions/sessions.ts';
import type { Users } from '../users/users.ts';
import { type AdminCaller, originOf } from './guard.ts';
import { namedUser, userToChange } from './user-view.ts';

const SHOWN = 100;

const SESSION = {
  title: 'AdminUserSession',
  type: 'object',
  required: ['id', 'created_at', 'last_used_at', 'expires_at', 'user_agent', 'address'],
  properties: {
    id: text,
    created_at: text,
    last_used_at: text,
    expires_at: text,
    user_agent: text,
    address: text,
  },
} as const satisfies ObjectSchema;

const SESSIONS = {
  title: 'AdminUserSessions',
  type: 'object',
  required: ['sessions'],
  properties: { sessions: { type: 'array', items: SESSION } },
} as const satisfies ObjectSchema;

const ENDED = {
  title: 'EndedSessions',
  type: 'object',
  required: ['ended'],
  properties: { ended: { type: 'integer' } },
} as const satisfies ObjectSchema;

/** `GET /api/admin/users/:id/sessions` */
export const listUserSessions = (users: Users, sessions: Sessions): Action<AdminCaller> =>
  action({
    operationId: 'adminListUserSessions',
    summary: 'The open sessions of an account, the most recently used first',
    description: `At most ${SHOWN}.`,
    refuses: [404],
    response: SESSIONS,
    async handle({ request }) {
      const user = await namedUser(users, request);
      const open = await sessions.listOpen(user.id, SHOWN);
      return { sessions: open.map((session) => view(session)) };
    },
  });

/** `DELETE /api/admin/users/:id/sessions` */
export const endUserSessions = (users: Users, sessions: Sessions): Action<AdminCaller> =>
  action({
    operationId: 'adminEndUserSessions',
    summary: 'End all sessions of an account',
    refuses: [404],
    response: ENDED,
    async handle({ caller, request }) {
      const user = await userToChange(users, caller, request);
      const by = originOf(caller, request);
      return { ended: await sessions.endAll(user.id, 'ended_by_operator', by) };
    },
  });

/** `DELETE /api/admin/users/:id/sessions/:session` */
export const endUserSession = (users: Users, sessions: Sessions): Action<AdminCaller> =>
  action({
    operationId: 'adminEndUserSession',
    summary: 'End one session of an account',
    status: 204,
    refuses: [404],
    async handle({ caller, request }) {
      const user = await userToChange(users, caller, request);
      const { session = '' } = request.params;
      const by = originOf(caller, request);
      if (!(await sessions.endOne(user.id, session, 'ended_by_operator', by)))
        throw new Refusal(NOT_FOUND);
      return undefined;
    },
  });
