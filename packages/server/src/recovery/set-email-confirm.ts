import { action } from '../http/action.ts';
import { type ObjectSchema, requiredText } from '../http/openapi/schema.ts';
import type { Recovering } from './feature.ts';
import { invalidToken } from './refusals.ts';

const LINK = {
  title: 'MailedLink',
  type: 'object',
  required: ['uid', 'token'],
  properties: { uid: requiredText('Mg'), token: requiredText('AAAAAAABb0v…') },
} as const satisfies ObjectSchema;

/** `POST /api/users/set_email_confirm`: the new mailbox confirms the change of address. */
export const setEmailConfirm = ({ recovery }: Recovering) =>
  action({
    operationId: 'setEmailConfirm',
    summary: 'Confirm another address',
    description: 'With `uid` and `token` of the link that was mailed to the new address.',
    body: LINK,
    status: 204,
    refuses: [404],
    async handle({ body, request }) {
      const outcome = await recovery().addresses.confirm(body, request.device());
      if (outcome === 'invalid') throw invalidToken(body);
      return undefined;
    },
  });

/** `POST /api/users/set_email_undo`: the old mailbox takes the account back. */
export const setEmailUndo = ({ recovery }: Recovering) =>
  action({
    operationId: 'setEmailUndo',
    summary: 'Undo a change of address',
    description:
      'With `uid` and `token` of the link that was mailed to the old address, for 7 days. Ends all sessions.',
    body: LINK,
    status: 204,
    refuses: [404],
    async handle({ body, request }) {
      const outcome = await recovery().addresses.undo(body, request.device());
      if (outcome === 'invalid') throw invalidToken(body);
      return undefined;
    },
  });
