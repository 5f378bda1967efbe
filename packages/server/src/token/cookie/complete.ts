import { action } from '../../http/action.ts';
import type { DeviceTokens } from '../known-device.ts';
import {
  COMPLETED_ACCESS,
  COMPLETION,
  codesOf,
  type LoginSettings,
  userOf,
} from '../login-body.ts';
import type { SecondFactor } from '../second-factor.ts';
import type { Tokens } from '../tokens.ts';
import type { HostCookie } from './host-cookie.ts';

type Deps = {
  readonly secondFactor: SecondFactor;
  readonly tokens: Tokens;
  readonly sessionCookie: HostCookie;
  readonly config: LoginSettings;
  readonly knownDevices: { readonly inCookie: DeviceTokens };
};

/** `POST /api/session/second_factor`: completes a login whose refresh token goes into the cookie. */
export const completeSession = ({
  secondFactor,
  tokens,
  sessionCookie: cookie,
  config,
  knownDevices: { inCookie: devices },
}: Deps) =>
  action({
    usesCookie: true,
    refuses: [401, 429],
    operationId: 'completeSession',
    summary: 'Log in, with a cookie: the second factor',
    description: 'As `/api/token/second_factor`; the refresh token is in the cookie.',
    body: COMPLETION,
    response: COMPLETED_ACCESS,
    async handle({ body, request }) {
      const loggedIn = await secondFactor.complete(body, {
        device: () => request.device(),
        requester: () => request.requester(),
        deviceToken: devices.of(request),
      });
      devices.give(request, loggedIn.user);
      const { session } = loggedIn;
      const refresh = tokens.mintRefresh(session, 'cookie');
      request.setResponseHeader('set-cookie', cookie.keep(refresh, session.expiresAt));
      return {
        access: tokens.mintAccess(session),
        ...userOf(loggedIn, config),
        ...codesOf(loggedIn),
      };
    },
  });
