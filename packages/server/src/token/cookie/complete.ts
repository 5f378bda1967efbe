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
import type { KeepSession } from './keep-session.ts';

type Deps = {
  readonly secondFactor: SecondFactor;
  readonly tokens: Tokens;
  readonly keepSession: KeepSession;
  readonly config: LoginSettings;
  readonly knownDevices: { readonly inCookie: DeviceTokens };
};

/** `POST /api/session/second_factor`: completes a login whose refresh token goes into the cookie. */
export const completeSession = ({
  secondFactor,
  tokens,
  keepSession,
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
      keepSession(request, loggedIn);
      return {
        access: tokens.mintAccess(loggedIn.session),
        ...userOf(loggedIn, config),
        ...codesOf(loggedIn),
      };
    },
  });
