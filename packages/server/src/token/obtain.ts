import { action } from '../http/action.ts';
import { TOKEN_PAIR } from '../users/view.ts';
import type { DeviceTokens } from './known-device.ts';
import type { Login } from './login.ts';
import {
  credentialsOf,
  type LoginSettings,
  loginBody,
  PAIR_AND_USER,
  userOf,
} from './login-body.ts';
import type { Tokens } from './tokens.ts';

type Deps = {
  readonly login: Login;
  readonly tokens: Tokens;
  readonly config: LoginSettings;
  readonly knownDevices: { readonly inHeader: DeviceTokens };
};

/** `POST /api/token`: opens a session for an address and a password, and returns a token pair. */
export const obtain = ({ login, tokens, config, knownDevices: { inHeader: devices } }: Deps) =>
  action({
    refuses: [401, 403, 429],
    operationId: 'obtainTokenPair',
    summary: 'Log in',
    description: config.loginFields.includes('username')
      ? 'Exchanges an e-mail address or a username, in either field, and a password for an access and a refresh token.'
      : 'Exchanges an e-mail address and a password for an access and a refresh token.',
    body: loginBody(config),
    response: config.tokenResponseUser ? PAIR_AND_USER : TOKEN_PAIR,
    async handle({ body, request }) {
      const loggedIn = await login(
        { ...credentialsOf(body), deviceToken: devices.of(request) },
        request,
      );
      devices.give(request, loggedIn.user);
      return { ...tokens.mintPair(loggedIn.session), ...userOf(loggedIn, config) };
    },
  });
