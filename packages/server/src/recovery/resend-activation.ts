import { action } from '../http/action.ts';
import { ADDRESSED } from './body.ts';
import type { Recovering } from './feature.ts';

/** `POST /api/users/resend_activation` (djoser): mails an unconfirmed address once more. */
export const resendActivation = ({ recovery }: Recovering) =>
  action({
    operationId: 'resendActivation',
    summary: 'Ask for another confirmation mail',
    description: 'The response is the same for every address.',
    body: ADDRESSED,
    status: 204,
    refuses: [404, 429],
    async handle({ body, request }) {
      await recovery().activation.resend(body.email, request.device());
      return undefined;
    },
  });
