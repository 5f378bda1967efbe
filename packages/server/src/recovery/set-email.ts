import { type Action, action } from '../http/action.ts';
import { object, requiredText } from '../http/openapi/fields.ts';
import type { Reauthenticate } from '../users/reauthenticate.ts';
import type { Caller } from '../users/user.ts';
import { EMAIL } from './body.ts';
import type { Recovery } from './feature.ts';

/** `POST /api/users/set_email`: asks to change the address; the new mailbox has to confirm. */
export const setEmail = (
  recovery: () => Recovery,
  reauthenticate: Reauthenticate,
): Action<Caller> =>
  action({
    summary: 'Ask for another address',
    description:
      'Mails a link to the new address. Nothing has changed before it is used, and the response does not tell whether another account has the address.',
    body: object({
      new_email: EMAIL,
      current_password: requiredText('correct horse 9 battery'),
    }),
    status: 204,
    refuses: [404, 429],
    async handle({ body, caller, request }) {
      const { addresses } = recovery();
      await reauthenticate(caller, body.current_password, request);
      await addresses.request(caller.user, body.new_email, request.device());
      return undefined;
    },
  });
