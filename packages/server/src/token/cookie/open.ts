import { action } from '../../http/action.ts';
import type { DeviceTokens } from '../known-device.ts';
import type { Login } from '../login.ts';
import {
  ACCESS_AND_USER,
  credentialsOf,
  type LoginSettings,
  loginBody,
  userOf,
} from '../login-body.ts';
import { ACCESS_TOKEN } from '../schemas.ts';
import type { Tokens } from '../tokens.ts';
import type { KeepSession } from './keep-session.ts';

type Deps = {
  readonly login: Login;
  readonly tokens: Tokens;
  readonly keepSession: KeepSession;
  readonly config: LoginSettings;
  readonly knownDevices: { readonly inCookie: DeviceTokens };
};

/** `POST /api/session`: a login whose refresh token goes into the cookie. */
export const openSession = ({
  login,
  tokens,
  keepSession,
  config,
  knownDevices: { inCookie: devices },
}: Deps) =>
  action({
    usesCookie: true,
    refuses: [401, 429],
    operationId: 'openSession',
    summary: 'Log in, with a cookie',
    description:
      'The refresh token is in the cookie `__Host-gatepass`, the access token in the response.',
    body: loginBody(config),
    response: config.tokenResponseUser ? ACCESS_AND_USER : ACCESS_TOKEN,
    async handle({ body, request }) {
      const loggedIn = await login(
        { ...credentialsOf(body), deviceToken: devices.of(request) },
        request,
      );
      keepSession(request, loggedIn);
      return { access: tokens.mintAccess(loggedIn.session), ...userOf(loggedIn, config) };
    },
  });
