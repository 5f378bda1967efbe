import { action } from '../http/action.ts';
import { SHOWN_PASSKEY } from '../mfa/views.ts';
import { TOKEN_PAIR } from '../users/view.ts';
import type { DeviceTokens } from './known-device.ts';
import { type LoginSettings, PAIR_AND_USER, userOf } from './login-body.ts';
import type { PasskeyLogin } from './passkey-login.ts';
import type { Tokens } from './tokens.ts';

type Deps = {
  readonly passkeyLogin: PasskeyLogin;
  readonly tokens: Tokens;
  readonly config: LoginSettings;
  readonly knownDevices: { readonly inHeader: DeviceTokens };
};

/** `POST /api/token/passkey`: opens a session for a passkey, and returns a token pair. */
export const obtainByPasskey = ({
  passkeyLogin,
  tokens,
  config,
  knownDevices: { inHeader: devices },
}: Deps) =>
  action({
    refuses: [401, 404, 429],
    operationId: 'obtainByPasskey',
    summary: 'Log in with a passkey',
    description:
      'Exchanges what a browser has shown for the options, and their `challenge`, for an access and ' +
      'a refresh token. A challenge is good for one attempt.',
    body: SHOWN_PASSKEY,
    response: config.tokenResponseUser ? PAIR_AND_USER : TOKEN_PAIR,
    async handle({ body, request }) {
      const loggedIn = await passkeyLogin.complete(body, {
        device: () => request.device(),
        requester: () => request.requester(),
        deviceToken: devices.of(request),
      });
      devices.give(request, loggedIn.user);
      return { ...tokens.mintPair(loggedIn.session), ...userOf(loggedIn, config) };
    },
  });
