/** `/account/login`: the name and the password, then what else the account asks for. */
import { Refusal } from '../../errors.ts';
import type { RequestView } from '../../http/action.ts';
import { CHALLENGE_NOT_VALID } from '../../mfa/refusals.ts';
import type { KeepSession } from '../../token/cookie/keep-session.ts';
import type { FactorSetUp } from '../../token/factor-set-up.ts';
import type { DeviceTokens } from '../../token/known-device.ts';
import type { Login } from '../../token/login.ts';
import type { PasskeyLogin } from '../../token/passkey-login.ts';
import {
  NO_ACTIVE_ACCOUNT,
  SECOND_FACTOR_REQUIRED,
  SECOND_FACTOR_SETUP_REQUIRED,
} from '../../token/refusals.ts';
import type { SecondFactor } from '../../token/second-factor.ts';
import type { LoginFields } from '../../users/login-name.ts';
import { html } from '../html.ts';
import { codeField, hidden, pageOf, passwordField } from './frame.ts';
import { pathWithin } from './next.ts';
import { optionsOrNone, passkeyButton, passkeyIn } from './passkeys.ts';
import { codesView, type SetUp, setUpForm, setUpIn } from './set-up-view.ts';
import type { Page, Reply, Visit } from './visit.ts';

type Deps = {
  readonly login: Login;
  readonly secondFactor: Pick<SecondFactor, 'complete'>;
  readonly setUp: Pick<FactorSetUp, 'begin'>;
  readonly devices: DeviceTokens;
  readonly keepSession: KeepSession;
  readonly passkeyLogin: PasskeyLogin;
  readonly isLoggedIn: (request: RequestView) => Promise<boolean>;
  readonly loginFields: LoginFields;
  /** Whether there is a page for forgotten passwords. */
  readonly hasMail: boolean;
};

/** The account's own pages, seen from one of them. */
const HOME = './';

const nextOf = ({ sent, request }: Visit) => pathWithin(sent['next'] ?? request.query('next'));

export function loginPage(deps: Deps): Page<Visit> {
  const { login, secondFactor, setUp, devices, keepSession, isLoggedIn } = deps;
  const { loginFields, hasMail, passkeyLogin } = deps;

  async function passwordView(visit: Visit): Promise<Reply> {
    const { texts, sent } = visit;
    const options = await optionsOrNone(passkeyLogin.ask(undefined));
    const next = hidden('next', nextOf(visit) ?? '');
    const passkey =
      options &&
      html`<form method="post" action="login">${next}${passkeyButton(texts, 'get', options, texts.passkeys.login)}</form>`;
    const hasNames = loginFields.includes('username');
    const name = html`<label>${hasNames ? texts.login.name : texts.login.email}<input name="name" type="${hasNames ? 'text' : 'email'}" autocomplete="username" autocapitalize="none" spellcheck="false" required value="${sent['name']}"></label>`;
    return pageOf(
      visit,
      texts.login.title,
      html`<form method="post" action="login">
${next}${name}
${passwordField(texts.login.password, 'password', 'current-password')}
<button>${texts.login.button}</button>
</form>
${passkey}
${hasMail ? html`<p><a href="forgot">${texts.login.forgot}</a></p>` : undefined}`,
      { isBelow: false },
    );
  }

  const again = ({ texts }: Visit) => html`<p><a href="login">${texts.login.again}</a></p>`;

  const fieldsOf = (visit: Visit, challenge: string) =>
    html`${hidden('next', nextOf(visit) ?? '')}${hidden('challenge', challenge)}`;

  async function codeView(visit: Visit, challenge: string): Promise<Reply> {
    const { texts } = visit;
    const options = await optionsOrNone(passkeyLogin.ask(challenge));
    const hasPasskey = options && options.public_key.allowCredentials.length > 0;
    return pageOf(
      visit,
      visit.texts.login.codeTitle,
      html`<p class="soft">${visit.texts.login.codeLead}</p>
<form method="post" action="login">
${fieldsOf(visit, challenge)}${codeField(visit.texts)}
<button>${visit.texts.login.button}</button>
${hasPasskey ? passkeyButton(texts, 'get', options, texts.passkeys.use) : undefined}
</form>
${again(visit)}`,
      { isBelow: false },
    );
  }

  const setUpView = (visit: Visit, challenge: string, begun: SetUp): Reply =>
    pageOf(
      visit,
      visit.texts.login.setUpTitle,
      html`<p class="soft">${visit.texts.login.setUpLead}</p>
${setUpForm(visit.texts, 'login', begun, fieldsOf(visit, challenge))}
${again(visit)}`,
      { isBelow: false },
    );

  /** The next step of a login whose password was right. */
  async function step(visit: Visit, { kind, details }: Refusal): Promise<Reply | undefined> {
    const challenge = String(details.fieldsBeside?.['challenge']);
    if (kind === SECOND_FACTOR_REQUIRED) return codeView(visit, challenge);
    if (kind !== SECOND_FACTOR_SETUP_REQUIRED) return undefined;
    return setUpView(visit, challenge, await setUp.begin(challenge));
  }

  async function withPassword(visit: Visit): Promise<Reply> {
    const { sent, request } = visit;
    const { name = '', password = '' } = sent;
    const deviceToken = devices.of(request);
    try {
      keepSession(request, await login({ name: name.trim(), password, deviceToken }, request));
    } catch (error) {
      const next = error instanceof Refusal ? await step(visit, error) : undefined;
      if (next) return next;
      throw error;
    }
    return { goTo: nextOf(visit) ?? HOME };
  }

  const requestOf = ({ request }: Visit) => ({
    device: () => request.device(),
    requester: () => request.requester(),
    deviceToken: devices.of(request),
  });

  async function withPasskey(visit: Visit, shown: Parameters<typeof passkeyLogin.complete>[0]) {
    keepSession(visit.request, await passkeyLogin.complete(shown, requestOf(visit)));
    return { goTo: nextOf(visit) ?? HOME };
  }

  return {
    async show(visit) {
      const { sent, request } = visit;
      const isOpened = Object.keys(sent).length === 0;
      if (isOpened && (await isLoggedIn(request))) return { goTo: nextOf(visit) ?? HOME };
      const { challenge } = sent;
      if (!challenge || visit.refused === CHALLENGE_NOT_VALID.code) {
        const { wrong } = visit.texts.login;
        return passwordView(
          visit.refused === NO_ACTIVE_ACCOUNT.code ? { ...visit, faults: [wrong] } : visit,
        );
      }
      const begun = setUpIn(sent['uri']);
      return begun ? setUpView(visit, challenge, begun) : codeView(visit, challenge);
    },

    async submit(visit) {
      const { sent, request, texts } = visit;
      const { challenge, code = '' } = sent;
      const passkey = passkeyIn(sent);
      if (passkey) return withPasskey(visit, passkey);
      if (!challenge) return withPassword(visit);
      const loggedIn = await secondFactor.complete(
        { challenge, code: code.trim() },
        requestOf(visit),
      );
      keepSession(request, loggedIn);
      const goTo = nextOf(visit) ?? HOME;
      const { recoveryCodes } = loggedIn;
      if (!recoveryCodes) return { goTo };
      const codes = codesView(texts, recoveryCodes, goTo);
      return pageOf(visit, texts.codes.title, codes, { isBelow: false });
    },
  };
}
