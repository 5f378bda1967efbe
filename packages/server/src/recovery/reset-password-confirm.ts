import { invalidFields } from '../errors.ts';
import { action } from '../http/action.ts';
import { type ObjectSchema, requiredText } from '../http/openapi/schema.ts';
import { EITHER, PRESENTED, presentedIn } from './body.ts';
import type { Recovering } from './feature.ts';
import { invalidToken } from './refusals.ts';

const RESET = {
  title: 'PasswordReset',
  type: 'object',
  required: ['new_password'],
  properties: { ...PRESENTED, new_password: requiredText('granite otter parade 41') },
  ...EITHER,
} as const satisfies ObjectSchema;

/** `POST /api/users/reset_password_confirm` (djoser): a new password for the owner of the mailbox or of a link. */
export const resetPasswordConfirm = ({ resets }: Recovering) =>
  action({
    operationId: 'resetPasswordConfirm',
    summary: 'Set a new password',
    description:
      'With `uid` and `token` of the mailed link or of one that an administrator handed over, or `email` and the mailed `code`. Ends all sessions of the account; no session is opened.',
    body: RESET,
    status: 204,
    refuses: [429],
    async handle({ body, request }) {
      const presented = presentedIn(body);
      const outcome = await resets.confirm(
        presented,
        body.new_password,
        request.device(),
        request.requester(),
      );
      if (outcome === 'invalid') throw invalidToken(presented);
      if (outcome !== 'done') throw invalidFields({ new_password: outcome.faults });
      return undefined;
    },
  });
