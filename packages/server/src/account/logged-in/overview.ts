/** `/account/`: the account, with links to its settings. `/account/logout`: ends its session. */
import type { Action } from '../../http/action.ts';
import type { Factors } from '../../mfa/factors.ts';
import { type Html, html } from '../html.ts';
import { fact, moment, pageOf } from './frame.ts';
import type { LoggedInVisit, Page, Visit } from './visit.ts';

const item = (href: string, name: string, hint: string): Html =>
  html`<li><a href="${href}"><strong>${name}</strong><span class="soft">${hint}</span></a></li>`;

type Deps = { readonly factors: Pick<Factors, 'kindsOf'> };

export const overviewPage = ({ factors }: Deps): Page<LoggedInVisit> => ({
  submit: async () => ({ goTo: './' }),

  async show(visit) {
    const { texts, language, caller } = visit;
    const { user } = caller;
    const { overview } = texts;
    const isOn = (await factors.kindsOf(user.id)).length > 0;
    return pageOf(
      visit,
      overview.title,
      html`<dl>
${fact(overview.email, user.email)}
${user.username === undefined ? undefined : fact(overview.username, user.username)}
${fact(overview.since, moment(language, user.createdAt))}
</dl>
<ul class="links">
${item('password', overview.password, overview.passwordHint)}
${item('sessions', overview.sessions, overview.sessionsHint)}
${item('two-factor', overview.factors, isOn ? overview.on : overview.off)}
</ul>
<form method="post" action="logout"><button class="quiet">${overview.logout}</button></form>`,
      { isBelow: false },
    );
  },
});

/** @param close what `DELETE /api/session` does */
export const logoutPage = (close: Action<undefined>): Page<Visit> => ({
  show: async () => ({ goTo: './' }),
  async submit({ request }) {
    await close.handle({ body: undefined, caller: undefined, request });
    return { goTo: 'login' };
  },
});
