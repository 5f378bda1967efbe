import { type Action, action } from '../http/action.ts';
import type { ObjectSchema } from '../http/openapi/schema.ts';
import { PROOF, type Prove } from '../users/prove.ts';
import type { Caller } from '../users/user.ts';
import { EMAIL } from './body.ts';
import type { Recovering } from './feature.ts';

const EMAIL_CHANGE = {
  title: 'EmailChange',
  type: 'object',
  required: ['new_email', 'current_password'],
  properties: { new_email: EMAIL, ...PROOF },
} as const satisfies ObjectSchema;

/** `POST /api/users/set_email`: asks to change the address; the new mailbox has to confirm. */
export const setEmail = ({
  recovery,
  prove,
}: Recovering & { readonly prove: Prove }): Action<Caller> =>
  action({
    operationId: 'setEmail',
    summary: 'Ask for another address',
    description:
      'Mails a link to the new address. Nothing has changed before it is used, and the response does not tell whether another account has the address.',
    body: EMAIL_CHANGE,
    status: 204,
    refuses: [404, 429],
    async handle({ body, caller, request }) {
      const { addresses } = recovery();
      await prove(caller, body, request);
      await addresses.request(caller.user, body.new_email, request.device());
      return undefined;
    },
  });
