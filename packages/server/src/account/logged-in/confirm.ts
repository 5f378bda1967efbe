/** `/account/confirm`: step-up, for the pages that change what a stolen session must not. */
import type { Action } from '../../http/action.ts';
import type { Factors } from '../../mfa/factors.ts';
import type { Passkeys } from '../../mfa/passkeys.ts';
import type { Caller } from '../../users/user.ts';
import { html } from '../html.ts';
import { codeField, hidden, pageOf, passwordField } from './frame.ts';
import { pathWithin } from './next.ts';
import { passkeyButton, passkeyIn } from './passkeys.ts';
import { ownPasskeys, proofIn } from './password.ts';
import type { LoggedInVisit, Page } from './visit.ts';

type Deps = {
  /** `POST /api/users/me/confirm`. */
  readonly confirm: Action<Caller>;
  readonly factors: Pick<Factors, 'kindsOf'>;
  readonly passkeys: Pick<Passkeys, 'ask'>;
};

const nextOf = ({ sent, request }: LoggedInVisit) =>
  pathWithin(sent['next'] ?? request.query('next'));

export const confirmPage = ({ confirm, factors, passkeys }: Deps): Page<LoggedInVisit> => ({
  async show(visit) {
    const { texts, caller } = visit;
    const isOn = (await factors.kindsOf(caller.user.id)).length > 0;
    const options = await ownPasskeys(passkeys, caller);
    const next = hidden('next', nextOf(visit) ?? '');
    const passkey =
      options &&
      html`<form method="post" action="confirm">${next}${passkeyButton(texts, 'get', options, texts.passkeys.use)}</form>`;
    return pageOf(
      visit,
      texts.confirm.title,
      html`<p class="soft">${texts.confirm.lead}</p>
<form method="post" action="confirm">
${next}
${passwordField(texts.currentPassword, 'current_password', 'current-password')}
${isOn ? codeField(texts) : undefined}
<button>${texts.confirm.button}</button>
</form>
${passkey}`,
    );
  },

  async submit(visit) {
    const { sent, caller, request } = visit;
    const passkey = passkeyIn(sent);
    const body = passkey ? { passkey } : proofIn(sent, 'current_password');
    await confirm.handle({ body, caller, request });
    return { goTo: nextOf(visit) ?? './' };
  },
});
