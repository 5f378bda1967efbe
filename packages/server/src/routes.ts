/** The whole URL table: every route of the API, its guard and its action. */

import type { ApiKeys } from './api-keys/api-keys.ts';
import type { Audit } from './audit/audit.ts';
import type { Config } from './config/config.ts';
import type { Transaction } from './database/database.ts';
import { guarded, open, type Resource } from './http/resource.ts';
import { jwks } from './keys/jwks.ts';
import type { KeyRing } from './keys/key-ring.ts';
import { jwksMaxAge } from './keys/schedule.ts';
import { removeFactor, renewRecoveryCodes } from './mfa/change-factors.ts';
import type { Factors } from './mfa/factors.ts';
import { listFactors } from './mfa/list.ts';
import type { Requirement } from './mfa/requirement.ts';
import { confirmTotp, setUpTotp } from './mfa/set-up-totp.ts';
import type { StepUp } from './mfa/step-up.ts';
import { createClientGuard } from './oauth/client.ts';
import { introspect } from './oauth/introspect.ts';
import { metadata, metadataPaths } from './oauth/metadata.ts';
import { revoke } from './oauth/revoke.ts';
import type { OneTimeTokens } from './one-time-tokens/one-time-tokens.ts';
import { activation } from './recovery/activation.ts';
import type { Recovery } from './recovery/feature.ts';
import { resendActivation } from './recovery/resend-activation.ts';
import { resetPassword } from './recovery/reset-password.ts';
import { resetPasswordConfirm } from './recovery/reset-password-confirm.ts';
import { setEmail } from './recovery/set-email.ts';
import { setEmailConfirm, setEmailUndo } from './recovery/set-email-confirm.ts';
import { type Feed, feed } from './revocations/feed.ts';
import { type RevocationStreams, stream } from './revocations/stream.ts';
import { endMany, endOne } from './sessions/end.ts';
import { list } from './sessions/list.ts';
import type { Sessions } from './sessions/sessions.ts';
import type { Throttle } from './throttle/attempt.ts';
import type { RequestLimit } from './throttle/request-limit.ts';
import { createBearerGuard } from './token/bearer.ts';
import { beginSetUp } from './token/begin-set-up.ts';
import { blacklist } from './token/blacklist.ts';
import { completeLogin } from './token/complete-login.ts';
import { confirm } from './token/confirm.ts';
import type { AccessByCookie } from './token/cookie/access-by-cookie.ts';
import { closeSession } from './token/cookie/close.ts';
import { completeSession } from './token/cookie/complete.ts';
import type { HostCookie } from './token/cookie/host-cookie.ts';
import { openSession } from './token/cookie/open.ts';
import { refreshSession } from './token/cookie/refresh.ts';
import type { FactorSetUp } from './token/factor-set-up.ts';
import { forwardAuth } from './token/forward-auth.ts';
import type { KnownDevices } from './token/known-device.ts';
import type { Login } from './token/login.ts';
import { obtain } from './token/obtain.ts';
import { refresh } from './token/refresh.ts';
import type { RefreshTokens } from './token/refresh-token.ts';
import { createRenewal } from './token/renewal.ts';
import { type SecondFactor, WITH_CODE } from './token/second-factor.ts';
import type { Tokens } from './token/tokens.ts';
import { verify } from './token/verify.ts';
import { changePassword, setPassword } from './users/change-password.ts';
import type { Credentials } from './users/credentials.ts';
import { me } from './users/me.ts';
import type { Prove } from './users/prove.ts';
import type { Proving } from './users/register.ts';
import { register } from './users/register.ts';
import { removeMe } from './users/remove-me.ts';
import type { Users } from './users/users.ts';

type Deps = {
  config: Config;
  users: Users;
  apiKeys: ApiKeys;
  sessions: Sessions;
  sessionRequests: RequestLimit;
  tokens: Tokens;
  refreshTokens: RefreshTokens;
  /** Those of cookies, and their cookie. */
  cookieTokens: RefreshTokens;
  sessionCookie: HostCookie;
  accessByCookie: AccessByCookie | undefined;
  knownDevices: KnownDevices;
  throttle: Throttle;
  login: Login;
  secondFactor: SecondFactor;
  setUp: FactorSetUp;
  requirement: Requirement;
  prove: Prove;
  stepUp: StepUp;
  factors: Factors;
  audit: Audit;
  transaction: Transaction;
  oneTimeTokens: OneTimeTokens;
  credentials: Credentials;
  /** @throws {Refusal} `no_mail` where no mail is set up */
  recovery: () => Recovery;
  proving: Proving | undefined;
  keyRing: KeyRing;
  feed: Feed;
  streams: RevocationStreams;
};

export function routes(deps: Deps): Resource[] {
  const { config, users, sessions, tokens, refreshTokens, throttle, login, prove } = deps;
  const { cookieTokens, sessionCookie, accessByCookie, knownDevices } = deps;
  const { sessionRequests, keyRing, feed: revocationFeed, streams, recovery, proving } = deps;
  const { registration, loginFields } = config;
  const { secondFactor, factors, stepUp } = deps;
  const renewal = createRenewal(deps);
  const bearer = createBearerGuard(tokens, users, config.authHeaderTypes);
  const client = createClientGuard(deps.apiKeys);
  const asBearer = createBearerGuard(tokens, users, ['Bearer']);
  return [
    open('/api/users', { POST: register({ users, throttle, registration, proving, loginFields }) }),
    guarded('/api/users/me', bearer, { GET: me(), DELETE: removeMe(users, prove) }),
    guarded('/api/users/me/password', bearer, {
      POST: changePassword(users, prove, renewal),
    }),
    guarded('/api/users/me/confirm', bearer, { POST: confirm(deps) }),
    guarded('/api/users/me/factors', bearer, { GET: listFactors(factors, deps.requirement) }),
    guarded('/api/users/me/factors/totp', bearer, { POST: setUpTotp(factors, stepUp, config) }),
    guarded('/api/users/me/factors/totp/confirm', bearer, {
      POST: confirmTotp(factors, throttle, (tx, session) =>
        sessions.noteAuthentication(tx, session, WITH_CODE),
      ),
    }),
    guarded('/api/users/me/factors/recovery_codes', bearer, {
      POST: renewRecoveryCodes(factors, stepUp),
    }),
    guarded('/api/users/me/factors/:id', bearer, { DELETE: removeFactor(factors, stepUp) }),
    guarded('/api/users/set_password', bearer, { POST: setPassword(users, prove) }),
    open('/api/users/reset_password', { POST: resetPassword(recovery) }),
    open('/api/users/reset_password_confirm', { POST: resetPasswordConfirm(recovery) }),
    open('/api/users/activation', { POST: activation(recovery) }),
    open('/api/users/resend_activation', { POST: resendActivation(recovery) }),
    guarded('/api/users/set_email', bearer, { POST: setEmail(recovery, prove) }),
    open('/api/users/set_email_confirm', { POST: setEmailConfirm(recovery) }),
    open('/api/users/set_email_undo', { POST: setEmailUndo(recovery) }),
    open('/api/token', { POST: obtain(login, tokens, config, knownDevices.inHeader) }),
    open('/api/token/second_factor', {
      POST: completeLogin(secondFactor, tokens, config, knownDevices.inHeader),
    }),
    open('/api/token/second_factor/setup', { POST: beginSetUp(deps.setUp) }),
    open('/api/token/verify', {
      GET: forwardAuth(tokens, config.authHeaderTypes, config.forwardClaims, accessByCookie),
      POST: verify(tokens, refreshTokens),
    }),
    open('/api/token/refresh', { POST: refresh(refreshTokens, config.rotateRefreshTokens) }),
    open('/api/token/blacklist', { POST: blacklist(refreshTokens) }),
    open('/api/session', {
      POST: openSession(login, tokens, sessionCookie, config, knownDevices.inCookie),
      DELETE: closeSession(cookieTokens, sessionCookie),
    }),
    open('/api/session/second_factor', {
      POST: completeSession(secondFactor, tokens, sessionCookie, config, knownDevices.inCookie),
    }),
    open('/api/session/refresh', { POST: refreshSession(cookieTokens, sessionCookie) }),
    guarded('/api/sessions', bearer, {
      GET: list(sessions, throttle, sessionRequests),
      DELETE: endMany(sessions, prove, sessionRequests),
    }),
    guarded('/api/sessions/:id', bearer, { DELETE: endOne(sessions, sessionRequests) }),
    open('/api/revocations', { GET: feed(revocationFeed) }),
    open('/api/revocations/stream', { GET: stream(streams) }),
    guarded('/oauth/introspect', client, {
      POST: introspect({ tokens, refreshTokens, bearer: asBearer }),
    }),
    guarded('/oauth/revoke', client, {
      POST: revoke({ tokens, refreshTokens, sessions, users }),
    }),
    open('/.well-known/jwks.json', { GET: jwks(keyRing, jwksMaxAge(config.keyRotation)) }),
    ...Object.entries(metadataPaths(config.issuer)).map(([operationId, path]) =>
      open(path, { GET: metadata(config.issuer, operationId) }),
    ),
  ];
}
