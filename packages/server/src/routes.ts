/** Every URL of the service, its guard and its action. The admin listener's table is admin/routes.ts. */

import type { AccountPages } from './account/logged-in/feature.ts';
import { pageFiles } from './account/page.ts';
import type { MailedPages } from './account/pages.ts';
import type { Config } from './config/config.ts';
import { listEvents } from './events/list.ts';
import { streamEvents } from './events/stream.ts';
import { type Health, LIVENESS, READINESS } from './http/health.ts';
import { createDocs, showDocument } from './http/openapi/docs.ts';
import { documentOf } from './http/openapi/document.ts';
import { ownPage, plain } from './http/plain.ts';
import { guarded, open, type Resource } from './http/resource.ts';
import { jwks } from './keys/jwks.ts';
import type { KeyRing } from './keys/key-ring.ts';
import { addPasskey, askForNewPasskey } from './mfa/add-passkey.ts';
import { removeFactor, renewRecoveryCodes } from './mfa/change-factors.ts';
import { listFactors } from './mfa/list.ts';
import type { Passkeys } from './mfa/passkeys.ts';
import { confirmTotp, setUpTotp } from './mfa/set-up-totp.ts';
import { createClientGuard } from './oauth/client.ts';
import { introspect } from './oauth/introspect.ts';
import { issuerPath, metadata } from './oauth/metadata.ts';
import { revoke } from './oauth/revoke.ts';
import { activation } from './recovery/activation.ts';
import type { Recovering } from './recovery/feature.ts';
import { resendActivation } from './recovery/resend-activation.ts';
import { resetPassword } from './recovery/reset-password.ts';
import { resetPasswordConfirm } from './recovery/reset-password-confirm.ts';
import { setEmail } from './recovery/set-email.ts';
import { setEmailConfirm, setEmailUndo } from './recovery/set-email-confirm.ts';
import { feed } from './revocations/feed.ts';
import { stream } from './revocations/stream.ts';
import type { Services } from './services.ts';
import { endMany, endOne } from './sessions/end.ts';
import { listSessions } from './sessions/list.ts';
import { askForPasskey, askForPasskeyInPage } from './token/ask-for-passkey.ts';
import { askToConfirm } from './token/ask-to-confirm.ts';
import { beginSetUp } from './token/begin-set-up.ts';
import { blacklist } from './token/blacklist.ts';
import { completeLogin } from './token/complete-login.ts';
import { confirm } from './token/confirm.ts';
import { closeSession } from './token/cookie/close.ts';
import { completeSession } from './token/cookie/complete.ts';
import { openSession } from './token/cookie/open.ts';
import { passkeySession } from './token/cookie/passkey.ts';
import { refreshSession } from './token/cookie/refresh.ts';
import type { TokenFlows } from './token/feature.ts';
import { forwardAuth } from './token/forward-auth.ts';
import { obtain } from './token/obtain.ts';
import { obtainByPasskey } from './token/obtain-by-passkey.ts';
import { refresh } from './token/refresh.ts';
import { verify } from './token/verify.ts';
import { changePassword, setPassword } from './users/change-password.ts';
import { me } from './users/me.ts';
import { type Proving, register } from './users/register.ts';
import { removeMe } from './users/remove-me.ts';
import { VERSION } from './version.ts';

/** Each action declares the members that it uses. */
type Serving = Services &
  TokenFlows &
  Recovering & {
    readonly config: Config;
    readonly keyRing: KeyRing;
    readonly passkeys: Passkeys;
    readonly proving: Proving | undefined;
    readonly health: Health;
    readonly mailedPages: MailedPages;
    readonly accountPages: AccountPages;
  };

export function routes(on: Serving): readonly Resource[] {
  const { config, bearer, health, accountPages } = on;
  const client = createClientGuard(on.apiKeys, 'introspect');
  const eventReader = createClientGuard(on.apiKeys, 'events:read');
  const [scheme] = config.authHeaderTypes;
  const docs = config.docs === 'on' ? createDocs(scheme) : undefined;
  const describe = () => documentOf(table, { version: VERSION, scheme });
  const path = issuerPath(config.issuer);
  const table: Resource[] = [
    open('/api/users', { POST: register(on) }),
    guarded('/api/users/me', bearer, { GET: me(), DELETE: removeMe(on) }),
    guarded('/api/users/me/password', bearer, { POST: changePassword(on) }),
    guarded('/api/users/me/confirm', bearer, { POST: confirm(on) }),
    guarded('/api/users/me/confirm/options', bearer, { POST: askToConfirm(on) }),
    guarded('/api/users/me/factors', bearer, { GET: listFactors(on) }),
    guarded('/api/users/me/factors/totp', bearer, { POST: setUpTotp(on) }),
    guarded('/api/users/me/factors/totp/confirm', bearer, { POST: confirmTotp(on) }),
    guarded('/api/users/me/factors/passkeys/options', bearer, { POST: askForNewPasskey(on) }),
    guarded('/api/users/me/factors/passkeys', bearer, { POST: addPasskey(on) }),
    guarded('/api/users/me/factors/recovery_codes', bearer, { POST: renewRecoveryCodes(on) }),
    guarded('/api/users/me/factors/:id', bearer, { DELETE: removeFactor(on) }),
    guarded('/api/users/set_password', bearer, { POST: setPassword(on) }),
    open('/api/users/reset_password', { POST: resetPassword(on) }),
    open('/api/users/reset_password_confirm', { POST: resetPasswordConfirm(on) }),
    open('/api/users/activation', { POST: activation(on) }),
    open('/api/users/resend_activation', { POST: resendActivation(on) }),
    guarded('/api/users/set_email', bearer, { POST: setEmail(on) }),
    open('/api/users/set_email_confirm', { POST: setEmailConfirm(on) }),
    open('/api/users/set_email_undo', { POST: setEmailUndo(on) }),

    open('/api/token', { POST: obtain(on) }),
    open('/api/token/second_factor', { POST: completeLogin(on) }),
    open('/api/token/second_factor/setup', { POST: beginSetUp(on) }),
    open('/api/token/passkey/options', { POST: askForPasskey(on) }),
    open('/api/token/passkey', { POST: obtainByPasskey(on) }),
    open('/api/token/verify', { GET: forwardAuth(on), POST: verify(on) }),
    open('/api/token/refresh', { POST: refresh(on) }),
    open('/api/token/blacklist', { POST: blacklist(on) }),
    open('/api/session', { POST: openSession(on), DELETE: closeSession(on) }),
    open('/api/session/second_factor', { POST: completeSession(on) }),
    open('/api/session/passkey/options', { POST: askForPasskeyInPage(on) }),
    open('/api/session/passkey', { POST: passkeySession(on) }),
    open('/api/session/refresh', { POST: refreshSession(on) }),
    guarded('/api/sessions', bearer, { GET: listSessions(on), DELETE: endMany(on) }),
    guarded('/api/sessions/:id', bearer, { DELETE: endOne(on) }),

    open('/api/revocations', { GET: feed(on) }),
    open('/api/revocations/stream', { GET: stream(on) }),
    guarded('/api/events', eventReader, { GET: listEvents(on) }),
    guarded('/api/events/stream', eventReader, { GET: streamEvents(on) }),
    guarded('/oauth/introspect', client, { POST: introspect(on) }),
    guarded('/oauth/revoke', client, { POST: revoke(on) }),
    open('/.well-known/jwks.json', { GET: jwks(on) }),
    open('/.well-known/oauth-authorization-server', { GET: metadata(on, 'showServerMetadata') }),
    open('/.well-known/openid-configuration', { GET: metadata(on, 'showOpenIdConfiguration') }),
    ...onlyWith(path, (path) => [
      open(`/.well-known/oauth-authorization-server${path}`, {
        GET: metadata(on, 'showServerMetadataOfIssuer'),
      }),
      open(`/.well-known/openid-configuration${path}`, {
        GET: metadata(on, 'showOpenIdConfigurationOfIssuer'),
      }),
      open(`${path}/.well-known/openid-configuration`, {
        GET: metadata(on, 'showOpenIdConfigurationBelowIssuer'),
      }),
    ]),

    plain('/healthz', { GET: health.liveness }, LIVENESS),
    plain('/readyz', { GET: health.readiness }, READINESS),
    ownPage('/account/reset', on.mailedPages.page('reset')),
    ...onlyWith(config.smtpUrl === 'off' ? undefined : on.mailedPages, ({ page }) => [
      ownPage('/account/forgot', page('forgot')),
      ownPage('/account/activate', page('activate')),
      ownPage('/account/email', page('email')),
      ownPage('/account/undo', page('undo')),
    ]),
    ownPage('/account', accountPages.overview),
    ownPage('/account/login', accountPages.login),
    ownPage('/account/logout', accountPages.logout),
    ownPage('/account/password', accountPages.password),
    ownPage('/account/sessions', accountPages.sessions),
    ownPage('/account/two-factor', accountPages.twoFactor),
    ownPage('/account/confirm', accountPages.confirm),
    ownPage('/account/style.css', pageFiles.style),
    ownPage('/account/link.js', pageFiles.linkScript),
    ownPage('/account/account.js', pageFiles.accountScript),
    ...onlyWith(docs, ({ home, page, file }) => [
      plain('/', { GET: home }),
      plain('/docs', { GET: page }),
      plain('/docs/static/:name', { GET: file }),
      plain('/api/openapi.json', { GET: showDocument(describe) }),
    ]),
  ];
  return table;
}

/** URLs that exist only where the configuration asks for them. */
const onlyWith = <T>(part: T | undefined, urls: (part: T) => Resource[]): Resource[] =>
  part ? urls(part) : [];
