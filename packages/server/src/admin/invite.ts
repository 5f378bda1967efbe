import type { Clock } from '../clock.ts';
import { invalidFields } from '../errors.ts';
import { type Action, action } from '../http/action.ts';
import { type ObjectSchema, requiredFormat, text } from '../http/openapi/schema.ts';
import { EMAIL_INVALID } from '../http/refusals.ts';
import { LIFETIMES_MS } from '../one-time-tokens/purpose.ts';
import { type Administrator, originOf } from './guard.ts';
import type { Invitations } from './invitations.ts';
import { time } from './view.ts';

const INVITED = {
  title: 'AdminInvited',
  type: 'object',
  required: ['email', 'token', 'expires_at'],
  properties: {
    email: text,
    token: { ...text, description: 'For `POST /api/admin/setup`; shown this once' },
    expires_at: text,
  },
} as const satisfies ObjectSchema;

const INVITATION = {
  title: 'AdminInvitation',
  type: 'object',
  required: ['email'],
  properties: { email: requiredFormat('email', 'user@example.com') },
} as const satisfies ObjectSchema;

/** `POST /api/admin/invitations` */
export const inviteAdministrator = (
  invitations: Invitations,
  clock: Clock,
): Action<Administrator> =>
  action({
    operationId: 'adminInvite',
    summary: 'Invite an administrator',
    description:
      'Responds with a token that makes an administrator of this address, once and within 24 hours. An address ' +
      'without an account gets one, with the password that its owner chooses; an account that exists proves its password.',
    body: INVITATION,
    status: 201,
    response: INVITED,
    async handle({ body: { email }, caller, request }) {
      const token = await invitations.invite(email, originOf(caller, request));
      if (token === 'invalid') throw invalidFields({ email: [EMAIL_INVALID] });
      return { email, token, expires_at: time(clock.now() + LIFETIMES_MS.admin_invite) };
    },
  });
