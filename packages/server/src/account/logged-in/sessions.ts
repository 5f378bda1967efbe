/** `/account/sessions`: where the account is logged in, and ending that. */
import { NOT_FOUND, Refusal } from '../../errors.ts';
import { REAUTHENTICATION_REQUIRED } from '../../sessions/refusals.ts';
import type { DeviceSession } from '../../sessions/session.ts';
import type { Sessions } from '../../sessions/sessions.ts';
import type { RequestLimit } from '../../throttle/request-limit.ts';
import { type Html, html } from '../html.ts';
import { deviceName } from './device-name.ts';
import { fact, hidden, moment, pageOf } from './frame.ts';
import type { LoggedInVisit, Page } from './visit.ts';

type Deps = {
  readonly sessions: Pick<Sessions, 'listOpen' | 'endOne' | 'endAll' | 'isFresh'>;
  /** Counted per account. */
  readonly limit: RequestLimit;
};

const SHOWN = 50;

function card(visit: LoggedInVisit, session: DeviceSession): Html {
  const { texts, language, caller } = visit;
  const { sessions } = texts;
  const device = deviceName(session.userAgent);
  const isCurrent = session.id === caller.sessionId;
  const label = sessions.endOf.replace('{device}', () => device);
  const end = html`<form method="post" action="sessions">${hidden('id', session.id)}<button class="quiet" aria-label="${label}">${sessions.end}</button></form>`;
  return html`<li class="card"><div><h2 title="${session.userAgent}">${device}</h2>
<dl>
${fact(sessions.address, session.address)}
${fact(sessions.opened, moment(language, session.createdAt))}
${fact(sessions.used, moment(language, session.lastUsedAt))}
</dl></div>
${isCurrent ? html`<p class="good">${sessions.current}</p>` : end}</li>`;
}

export const sessionsPage = ({ sessions, limit }: Deps): Page<LoggedInVisit> => ({
  async show(visit) {
    const { texts, caller, request, refused } = visit;
    limit(String(caller.user.id));
    const found = await sessions.listOpen(caller.user.id, SHOWN + 1);
    const isCurrent = ({ id }: DeviceSession) => id === caller.sessionId;
    const shown = [
      ...found.filter(isCurrent),
      ...found.filter((session) => !isCurrent(session)),
    ].slice(0, SHOWN);
    const isAlone = found.every(isCurrent);
    const said = new Map([
      ['one', texts.sessions.ended],
      ['others', texts.sessions.endedOthers],
    ]);
    const others = html`<form method="post" action="sessions">${hidden('scope', 'others')}<button>${texts.sessions.others}</button></form>`;
    return pageOf(
      refused === NOT_FOUND.code ? { ...visit, faults: [texts.sessions.gone] } : visit,
      texts.sessions.title,
      html`<ul class="cards">${shown.map((session) => card(visit, session))}</ul>
${found.length > SHOWN ? html`<p class="soft">${texts.sessions.more}</p>` : undefined}
${isAlone ? html`<p class="soft">${texts.sessions.only}</p>` : others}`,
      { done: said.get(request.query('done') ?? '') },
    );
  },

  async submit({ sent, caller, request }) {
    const { user, sessionId } = caller;
    limit(String(user.id));
    if (sent['scope'] === 'others') {
      if (!(await sessions.isFresh(sessionId))) throw new Refusal(REAUTHENTICATION_REQUIRED);
      await sessions.endAll(user.id, 'ended_by_user', request.device(), sessionId);
      return { goTo: 'sessions?done=others' };
    }
    const id = sent['id'] ?? '';
    if (!(await sessions.endOne(user.id, id, 'ended_by_user', request.device())))
      throw new Refusal(NOT_FOUND);
    return { goTo: 'sessions?done=one' };
  },
});
