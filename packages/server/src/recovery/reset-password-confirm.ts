import { invalidFields } from '../errors.ts';
import { action } from '../http/action.ts';
import { object, requiredText } from '../http/openapi/fields.ts';
import { presentedIn, withPresented } from './body.ts';
import type { Recovery } from './feature.ts';
import { invalidToken } from './refusals.ts';

/** `POST /api/users/reset_password_confirm` (djoser): a new password for the owner of the mailbox. */
export const resetPasswordConfirm = (recovery: () => Recovery) =>
  action({
    summary: 'Set a new password',
    description:
      'With `uid` and `token` of the mailed link, or `email` and the mailed `code`. Ends all sessions of the account; nobody is logged in.',
    body: withPresented(object({ new_password: requiredText('granite otter parade 41') })),
    status: 204,
    refuses: [404, 429],
    async handle({ body, request }) {
      const presented = presentedIn(body);
      const outcome = await recovery().passwords.confirm(
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
