import { action } from '../http/action.ts';
import { type ObjectSchema, requiredText } from '../http/openapi/schema.ts';
import { PASSKEY_OPTIONS } from '../mfa/views.ts';
import type { PasskeyLogin } from './passkey-login.ts';

const ASKING = {
  title: 'PasskeyRequest',
  type: ['object', 'null'],
  /** The challenge of a login whose password was right: then the passkey is its second factor. */
  properties: { challenge: requiredText('AAAAAAAB7nO3…') },
} as const satisfies ObjectSchema;

type Deps = { readonly passkeyLogin: PasskeyLogin };

/** `POST /api/token/passkey/options`: the options with which a browser uses a passkey. */
export const askForPasskey = ({ passkeyLogin }: Deps) =>
  action({
    refuses: [401, 404],
    operationId: 'askForPasskey',
    summary: 'Log in with a passkey: the options',
    description:
      'Hand `public_key` to `navigator.credentials.get`, and what it returns with `challenge` to ' +
      '`/api/token/passkey` within five minutes. With the `challenge` of a login that asks for a ' +
      'second factor, the passkey completes that login.',
    body: ASKING,
    response: PASSKEY_OPTIONS,
    handle: ({ body }) => passkeyLogin.ask(body.challenge),
  });

/** `POST /api/session/passkey/options`: the same for a login in cookie mode. */
export const askForPasskeyInPage = ({ passkeyLogin }: Deps) =>
  action({
    usesCookie: true,
    refuses: [401, 404],
    operationId: 'askForPasskeyInPage',
    summary: 'Log in with a passkey and a cookie: the options',
    description: 'As `/api/token/passkey/options`, for `/api/session/passkey`.',
    body: ASKING,
    response: PASSKEY_OPTIONS,
    handle: ({ body }) => passkeyLogin.ask(body.challenge),
  });
