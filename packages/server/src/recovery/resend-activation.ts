import { action } from '../http/action.ts';
import { object } from '../http/openapi/fields.ts';
import { EMAIL } from './body.ts';
import type { Recovery } from './feature.ts';

/** `POST /api/users/resend_activation` (djoser): another mail to an address that is not confirmed. */
export const resendActivation = (recovery: () => Recovery) =>
  action({
    summary: 'Ask for another confirmation mail',
    description: 'The response is the same for every address.',
    body: object({ email: EMAIL }),
    status: 204,
    refuses: [404, 429],
    async handle({ body, request }) {
      await recovery().activation.resend(body.email, request.device());
      return undefined;
    },
  });
