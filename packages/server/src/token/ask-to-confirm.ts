import { type Action, action } from '../http/action.ts';
import type { Passkeys } from '../mfa/passkeys.ts';
import { PASSKEY_OPTIONS } from '../mfa/views.ts';
import type { Caller } from '../users/user.ts';
import { confirmationOf } from './step-up.ts';

type Deps = { readonly passkeys: Passkeys };

/** `POST /api/users/me/confirm/options`: the options with which a browser uses a passkey. */
export const askToConfirm = ({ passkeys }: Deps): Action<Caller> =>
  action({
    operationId: 'askToConfirm',
    summary: 'Prove the identity again: the options of a passkey',
    description:
      'Hand `public_key` to `navigator.credentials.get`, and send what it returns with `challenge` as ' +
      '`passkey` to `/api/users/me/confirm`, or in place of `code` wherever that is asked for.',
    response: PASSKEY_OPTIONS,
    refuses: [404],
    handle: ({ caller }) => passkeys.ask(confirmationOf(caller), { userId: caller.user.id }),
  });
