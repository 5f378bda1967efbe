import { action } from '../http/action.ts';
import type { DeviceTokens } from './known-device.ts';
import { COMPLETED_PAIR, COMPLETION, codesOf, type LoginSettings, userOf } from './login-body.ts';
import type { SecondFactor } from './second-factor.ts';
import type { Tokens } from './tokens.ts';

type Deps = {
  readonly secondFactor: SecondFactor;
  readonly tokens: Tokens;
  readonly config: LoginSettings;
  readonly knownDevices: { readonly inHeader: DeviceTokens };
};

/** `POST /api/token/second_factor`: completes a login that returned a challenge. */
export const completeLogin = ({
  secondFactor,
  tokens,
  config,
  knownDevices: { inHeader: devices },
}: Deps) =>
  action({
    takesToken: true,
    refuses: [401, 429],
    operationId: 'completeLogin',
    summary: 'Log in: the second factor',
    description:
      'Exchanges the `challenge` of a login and a code, of the authenticator app or a recovery code, ' +
      'for an access and a refresh token. A challenge lives five minutes and takes five codes.',
    body: COMPLETION,
    response: COMPLETED_PAIR,
    async handle({ body, request }) {
      const loggedIn = await secondFactor.complete(body, {
        device: () => request.device(),
        requester: () => request.requester(),
        deviceToken: devices.of(request),
      });
      devices.give(request, loggedIn.user);
      return {
        ...tokens.mintPair(loggedIn.session),
        ...userOf(loggedIn, config),
        ...codesOf(loggedIn),
      };
    },
  });
