import { action } from '../../http/action.ts';
import { SHOWN_PASSKEY } from '../../mfa/views.ts';
import type { DeviceTokens } from '../known-device.ts';
import { ACCESS_AND_USER, type LoginSettings, userOf } from '../login-body.ts';
import type { PasskeyLogin } from '../passkey-login.ts';
import { ACCESS_TOKEN } from '../schemas.ts';
import type { Tokens } from '../tokens.ts';
import type { KeepSession } from './keep-session.ts';

type Deps = {
  readonly passkeyLogin: PasskeyLogin;
  readonly tokens: Tokens;
  readonly keepSession: KeepSession;
  readonly config: LoginSettings;
  readonly knownDevices: { readonly inCookie: DeviceTokens };
};

/** `POST /api/session/passkey`: a passkey opens a session whose refresh token goes into the cookie. */
export const passkeySession = ({
  passkeyLogin,
  tokens,
  keepSession,
  config,
  knownDevices: { inCookie: devices },
}: Deps) =>
  action({
    usesCookie: true,
    refuses: [401, 404, 429],
    operationId: 'passkeySession',
    summary: 'Log in with a passkey and a cookie',
    description: 'As `/api/token/passkey`; the refresh token is in the cookie.',
    body: SHOWN_PASSKEY,
    response: config.tokenResponseUser ? ACCESS_AND_USER : ACCESS_TOKEN,
    async handle({ body, request }) {
      const loggedIn = await passkeyLogin.complete(body, {
        device: () => request.device(),
        requester: () => request.requester(),
        deviceToken: devices.of(request),
      });
      keepSession(request, loggedIn);
      return { access: tokens.mintAccess(loggedIn.session), ...userOf(loggedIn, config) };
    },
  });
