/** `/account/confirm`: step-up, for the pages that change what a stolen session must not. */
import type { Action } from '../../http/action.ts';
import type { Factors } from '../../mfa/factors.ts';
import type { Caller } from '../../users/user.ts';
import { html } from '../html.ts';
import { codeField, hidden, pageOf, passwordField } from './frame.ts';
import { pathWithin } from './next.ts';
import { proofIn } from './password.ts';
import type { LoggedInVisit, Page } from './visit.ts';

type Deps = {
  /** `POST /api/users/me/confirm`. */
  readonly confirm: Action<Caller>;
  readonly factors: Pick<Factors, 'kindsOf'>;
};

const nextOf = ({ sent, request }: LoggedInVisit) =>
  pathWithin(sent['next'] ?? request.query('next'));

export const confirmPage = ({ confirm, factors }: Deps): Page<LoggedInVisit> => ({
  async show(visit) {
    const { texts, caller } = visit;
    const isOn = (await factors.kindsOf(caller.user.id)).length > 0;
    return pageOf(
      visit,
      texts.confirm.title,
      html`<p class="soft">${texts.confirm.lead}</p>
<form method="post" action="confirm">
${hidden('next', nextOf(visit) ?? '')}
${passwordField(texts.currentPassword, 'current_password', 'current-password')}
${isOn ? codeField(texts) : undefined}
<button>${texts.confirm.button}</button>
</form>`,
    );
  },

  async submit(visit) {
    const { sent, caller, request } = visit;
    await confirm.handle({ body: proofIn(sent, 'current_password'), caller, request });
    return { goTo: nextOf(visit) ?? './' };
  },
});
