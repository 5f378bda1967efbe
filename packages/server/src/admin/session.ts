import { type Action, action } from '../http/action.ts';
import { type ObjectSchema, requiredText, text } from '../http/openapi/schema.ts';
import type { Prove } from '../users/prove.ts';
import { ACCOUNT, viewOf } from '../users/view.ts';
import type { Administrators } from './administrators.ts';
import { type Administrator, originOf } from './guard.ts';
import { time } from './view.ts';

const SESSION = {
  title: 'AdminSession',
  type: 'object',
  required: ['user', 'expires_at', 'is_confirmed'],
  properties: {
    user: ACCOUNT,
    expires_at: text,
    is_confirmed: {
      type: 'boolean',
      description: 'Whether dangerous actions need no password just now',
    },
  },
} as const satisfies ObjectSchema;

const CONFIRMATION = {
  title: 'AdminConfirmation',
  type: 'object',
  required: ['current_password'],
  properties: {
    current_password: requiredText('correct horse 9 battery'),
    /** If the account has a second factor. */
    code: requiredText('123456'),
  },
} as const satisfies ObjectSchema;

/** `GET /api/admin/session`: whose login is this? */
export const showSession = (): Action<Administrator> =>
  action({
    operationId: 'adminShowSession',
    summary: 'The login of the request',
    response: SESSION,
    handle: ({ caller: { user, session, isConfirmed } }) => ({
      user: viewOf(user),
      expires_at: time(session.expiresAt),
      is_confirmed: isConfirmed,
    }),
  });

/** `DELETE /api/admin/session` */
export const logOut = (administrators: Administrators): Action<Administrator> =>
  action({
    operationId: 'adminLogOut',
    summary: 'Log out',
    status: 204,
    async handle({ caller, request }) {
      await administrators.logOut(caller.session, originOf(caller, request));
      return undefined;
    },
  });

/**
 * `POST /api/admin/session/confirm`: asks for the password again, and a code, before actions that
 * cannot be undone.
 */
export const confirm = (administrators: Administrators, prove: Prove): Action<Administrator> =>
  action({
    operationId: 'adminConfirm',
    summary: 'Confirm the password',
    description:
      'Allows dangerous actions for ten minutes. An account with a second factor sends `code` too.',
    body: CONFIRMATION,
    status: 204,
    refuses: [429],
    async handle({ body, caller, request }) {
      const { user, session } = caller;
      await prove({ user, sessionId: undefined }, body, request);
      await administrators.confirm(session);
      return undefined;
    },
  });
