import type { RequestView } from '../../http/action.ts';
import type { DeviceTokens } from '../known-device.ts';
import type { LoggedIn } from '../open-session.ts';
import type { Tokens } from '../tokens.ts';
import type { HostCookie } from './host-cookie.ts';

type Deps = {
  readonly tokens: Pick<Tokens, 'mintRefresh'>;
  readonly cookie: Pick<HostCookie, 'keep'>;
  readonly devices: Pick<DeviceTokens, 'give'>;
};

/** Sets the cookies of a login: the session, and the known device. */
export const createKeepSession =
  ({ tokens, cookie, devices }: Deps) =>
  (request: Pick<RequestView, 'knownDevice' | 'setResponseHeader'>, loggedIn: LoggedIn): void => {
    const { session, user } = loggedIn;
    devices.give(request, user);
    const refresh = tokens.mintRefresh(session, 'cookie');
    request.setResponseHeader('set-cookie', cookie.keep(refresh, session.expiresAt));
  };

export type KeepSession = ReturnType<typeof createKeepSession>;
