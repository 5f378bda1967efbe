/** The second factors of an account, and the question before one is removed. Pure. */
import type { Factor } from '../../mfa/factors.ts';
import { type Html, html } from '../html.ts';
import { fact, hidden, moment, pageOf } from './frame.ts';
import type { LoggedInVisit, Reply } from './visit.ts';

export type FactorsShown = {
  readonly factors: readonly Factor[];
  readonly codesLeft: number;
  /** Whether the session was authenticated recently enough to change factors. */
  readonly isFresh: boolean;
  /** From when on a login without a factor is refused, epoch milliseconds. */
  readonly requiredFrom: number | undefined;
  readonly hasPasskeys: boolean;
};

function card(visit: LoggedInVisit, factor: Factor, isFresh: boolean): Html {
  const { texts, language } = visit;
  const { factors } = texts;
  const { lastUsedAt } = factor;
  const label = factors.removeOf.replace('{name}', () => factor.name);
  const remove = html`<form method="post" action="two-factor">${hidden('do', 'remove')}${hidden('id', String(factor.id))}<button class="quiet" aria-label="${label}">${factors.remove}</button></form>`;
  return html`<li class="card"><div><h2>${factor.name}</h2>
<dl>
${fact(factors.added, moment(language, factor.createdAt))}
${fact(factors.used, lastUsedAt === undefined ? factors.never : moment(language, lastUsedAt))}
</dl></div>
${isFresh ? remove : undefined}</li>`;
}

export function listView(visit: LoggedInVisit, shown: FactorsShown): Reply {
  const { texts, language, request } = visit;
  const { factors: says } = texts;
  const { factors, codesLeft, isFresh, requiredFrom } = shown;
  const isOn = factors.length > 0;
  const said = new Map([
    ['removed', says.removed],
    ['added', says.addedToo],
    ['passkey', texts.passkeys.added],
  ]);
  const required =
    requiredFrom === undefined || isOn
      ? undefined
      : html`<p class="bad">${says.requiredFrom} ${moment(language, requiredFrom)}</p>`;
  const add = html`<form method="post" action="two-factor">${hidden('do', 'add')}
<label>${says.name}<input name="name" maxlength="60" placeholder="${says.app}" autocomplete="off"></label>
<button class="${isOn ? 'quiet' : 'main'}">${isOn ? says.addAnother : says.add}</button></form>`;
  const renew = html`<form method="post" action="two-factor">${hidden('do', 'renew')}
<button class="quiet" aria-describedby="renew-hint">${says.renew}</button>
<p class="hint" id="renew-hint">${says.renewHint}</p></form>`;
  const passkey = shown.hasPasskeys
    ? html`<form method="post" action="two-factor" data-scripted hidden>${hidden('do', 'passkey-new')}
<label>${texts.passkeys.name}<input name="name" maxlength="60" autocomplete="off"></label>
<button class="quiet">${texts.passkeys.add}</button></form>`
    : undefined;
  const confirm = html`<p><a class="button" href="confirm?next=${encodeURIComponent(visit.here)}">${texts.confirm.link}</a></p>`;
  return pageOf(
    visit,
    says.title,
    html`<p class="soft">${says.lead}</p>${required}
${isOn ? html`<ul class="cards">${factors.map((factor) => card(visit, factor, isFresh))}</ul>` : html`<p>${says.none}</p>`}
${isOn ? html`<p>${says.codesLeft.replace('{count}', String(codesLeft))}</p>` : undefined}
${isFresh ? html`${isOn ? renew : undefined}${add}${passkey}` : confirm}`,
    { done: said.get(request.query('done') ?? '') },
  );
}

export function removalView(visit: LoggedInVisit, { id, name }: Factor): Reply {
  const { factors } = visit.texts;
  return pageOf(
    visit,
    factors.removeTitle,
    html`<p><strong>${name}</strong></p>
<p class="soft">${factors.removeLead}</p>
<form method="post" action="two-factor">${hidden('do', 'remove')}${hidden('id', String(id))}${hidden('sure', 'yes')}
<button>${factors.remove}</button></form>
<p><a href="two-factor">${factors.keep}</a></p>`,
  );
}
