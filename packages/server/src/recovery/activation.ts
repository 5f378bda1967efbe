import { action } from '../http/action.ts';
import type { ObjectSchema } from '../http/openapi/schema.ts';
import { EITHER, PRESENTED, presentedIn } from './body.ts';
import type { Recovering } from './feature.ts';
import { invalidToken } from './refusals.ts';

const ACTIVATION = {
  title: 'Activation',
  type: 'object',
  properties: PRESENTED,
  ...EITHER,
} as const satisfies ObjectSchema;

/** `POST /api/users/activation` (djoser): confirms the address of an account. */
export const activation = ({ recovery }: Recovering) =>
  action({
    operationId: 'activate',
    summary: 'Confirm the address',
    description:
      'With `uid` and `token` of the mailed link, or `email` and the mailed `code`. The same link succeeds again while it lives.',
    body: ACTIVATION,
    status: 204,
    refuses: [404, 429],
    async handle({ body, request }) {
      const presented = presentedIn(body);
      const outcome = await recovery().activation.confirm(presented, request.device());
      if (outcome === 'invalid') throw invalidToken(presented);
      return undefined;
    },
  });
