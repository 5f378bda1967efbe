import { action } from '../http/action.ts';
import { object } from '../http/openapi/fields.ts';
import { presentedIn, withPresented } from './body.ts';
import type { Recovery } from './feature.ts';
import { invalidToken } from './refusals.ts';

/** `POST /api/users/activation` (djoser): confirms the address of an account. */
export const activation = (recovery: () => Recovery) =>
  action({
    summary: 'Confirm the address',
    description:
      'With `uid` and `token` of the mailed link, or `email` and the mailed `code`. The same link succeeds again while it lives.',
    body: withPresented(object({})),
    status: 204,
    refuses: [404, 429],
    async handle({ body, request }) {
      const presented = presentedIn(body);
      const outcome = await recovery().activation.confirm(presented, request.device());
      if (outcome === 'invalid') throw invalidToken(presented);
      return undefined;
    },
  });
