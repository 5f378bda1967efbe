import type { Config } from '../../config/config.ts';
import { passkeySiteOf } from '../../config/passkey-settings.ts';
import { Refusal } from '../../errors.ts';
import type { RequestView } from '../../http/action.ts';
import type { Http } from '../../http/server.ts';
import { addPasskey, askForNewPasskey } from '../../mfa/add-passkey.ts';
import type { Factors } from '../../mfa/factors.ts';
import type { Requirement } from '../../mfa/requirement.ts';
import type { Sessions } from '../../sessions/sessions.ts';
import type { RequestLimit } from '../../throttle/request-limit.ts';
import { confirm } from '../../token/confirm.ts';
import { closeSession } from '../../token/cookie/close.ts';
import type { TokenFlows } from '../../token/feature.ts';
import { bearerTokenNotValid, NOT_AUTHENTICATED } from '../../token/refusals.ts';
import { setPassword } from '../../users/change-password.ts';
import type { Caller } from '../../users/user.ts';
import { confirmPage } from './confirm.ts';
import { loginPage } from './login.ts';
import { logoutPage, overviewPage } from './overview.ts';
import { passwordPage } from './password.ts';
import { createServe } from './serve.ts';
import { sessionsPage } from './sessions.ts';
import { twoFactorPage } from './two-factor.ts';

type Deps = TokenFlows &
  Parameters<typeof confirm>[0] &
  Parameters<typeof setPassword>[0] &
  Parameters<typeof addPasskey>[0] & {
    readonly config: Config;
    readonly sessions: Sessions;
    readonly sessionRequests: RequestLimit;
    readonly factors: Factors;
    readonly requirement: Requirement;
  };

export type AccountPages = ReturnType<typeof createAccountPages>;

/**
 * The pages of an account, for the person who is logged in: they do what the API does, by the
 * session's cookie. Owns the forms and their texts; what they change is of other features.
 */
export function createAccountPages(http: Http, deps: Deps) {
  const { config, sessions, cookieTokens, sessionCookie, asBearer } = deps;
  const { publicUrl, loginFields } = config;

  /** Does not rotate the token: loading a page is not a refresh. */
  async function callerOf(request: RequestView): Promise<Caller> {
    const token = sessionCookie.read(request.cookies());
    if (token === undefined) throw new Refusal(NOT_AUTHENTICATED);
    const held = await cookieTokens.hold(token);
    if (!held.ok) throw bearerTokenNotValid(held.reason);
    return asBearer(`Bearer ${held.access}`);
  }

  const isLoggedIn = (request: RequestView): Promise<boolean> =>
    callerOf(request).then(
      () => true,
      (error: unknown) => {
        if (error instanceof Refusal && error.kind.status === 401) return false;
        throw error;
      },
    );

  const { open, own } = createServe({ http, callerOf, publicUrl });
  const devices = deps.knownDevices.inCookie;
  const hasMail = config.smtpUrl !== 'off';
  const { isFresh } = sessions;
  const isOn = config.mfa !== 'off';
  const hasPasskeys = isOn && passkeySiteOf(config) !== undefined;
  const making = { askForNewPasskey: askForNewPasskey(deps), addPasskey: addPasskey(deps) };
  return {
    login: open('login', loginPage({ ...deps, devices, isLoggedIn, loginFields, hasMail })),
    logout: open('logout', logoutPage(closeSession(deps))),
    overview: own('', overviewPage(deps)),
    password: own('password', passwordPage({ ...deps, setPassword: setPassword(deps) })),
    sessions: own('sessions', sessionsPage({ sessions, limit: deps.sessionRequests })),
    twoFactor: own('two-factor', twoFactorPage({ ...deps, ...making, isFresh, hasPasskeys, isOn })),
    confirm: own('confirm', confirmPage({ ...deps, confirm: confirm(deps) })),
  };
}
