import { action } from '../http/action.ts';
import { ADDRESSED } from './body.ts';
import type { Recovering } from './feature.ts';

/** `POST /api/users/reset_password` (djoser): mails a link and a code, if an account has the address. */
export const resetPassword = ({ recovery }: Recovering) =>
  action({
    operationId: 'resetPassword',
    summary: 'Ask for a password reset',
    description:
      'Mails a link and a code to the address if an active account has it. The response is the same for every address.',
    body: ADDRESSED,
    status: 204,
    refuses: [404, 429],
    async handle({ body, request }) {
      await recovery().passwords.request(body.email, request.device());
      return undefined;
    },
  });
