import { call, withQuery } from '../api.js';
import { html } from '../html.js';
import { texts } from '../language.js';
import { linkTo } from '../router.js';
import { EventTable } from '../ui/events.js';
import { Loaded, useLoad } from '../ui/load.js';
import { Card, Copy, Empty, Screen } from '../ui/parts.js';
import { Time } from '../ui/time.js';
import { UserActions } from './user-actions.js';
import { UserFactors } from './user-factors.js';
import { UserSessions } from './user-sessions.js';
import { StateOf } from './user-state.js';
import { WhyLoginsFail } from './user-why.js';

/** @typedef {import('../../types.ts').User} User */
/** @typedef {import('../../types.ts').AuditEvent} AuditEvent */
/** @typedef {import('../ui/load.js').Loading<{ events: AuditEvent[] }>} Events */

const EVENTS_SHOWN = 15;

/** One account: its facts, why it cannot log in, its sessions, its events. @param {{ id: string }} props */
export function User({ id }) {
  const path = `users/${encodeURIComponent(id)}`;
  /** @type {import('../ui/load.js').Loading<User>} */
  const account = useLoad(path, (signal) => call(path, { signal }));
  /** @type {Events} */
  const events = useLoad(`${path}/events`, (signal) =>
    call(withQuery('audit', { user: id, limit: EVENTS_SHOWN }), { signal }),
  );
  const user = account.data;
  const changed = () => {
    account.reload();
    events.reload();
  };
  const lead = user && html`<${StateOf} ...${user} />`;
  const actions = user && html`<${UserActions} user=${user} changed=${changed} />`;
  return html`<${Screen} title=${user?.email ?? texts().screens.users} lead=${lead} actions=${actions}>
    <${Loaded} loading=${account}>${
      /** @param {User} shown */ (shown) => html`<div class="columns">
        <div>
          <${WhyLoginsFail} user=${shown} events=${events.data?.events ?? []} />
          <${UserSessions} user=${shown} changed=${events.reload} />
          <${Activity} id=${id} events=${events} />
        </div>
        <div><${Facts} user=${shown} /><${UserFactors} user=${shown} changed=${changed} /><${Claims} claims=${shown.claims} /></div>
      </div>`
    }<//><//>`;
}

/** @param {{ user: User }} props */
function Facts({ user }) {
  const t = texts().user;
  return html`<${Card} title=${t.facts}><dl>
    <dt>${t.id}</dt><dd><code>${user.id}</code> <${Copy} text=${String(user.id)} /></dd>
    <dt>${t.username}</dt><dd>${user.username ?? '—'}</dd>
    <dt>${t.created}</dt><dd><${Time} at=${user.created_at} /></dd>
    <dt>${t.lastLogin}</dt><dd><${Time} at=${user.last_login_at} none=${texts().common.never} /></dd>
    <dt>${t.verifiedAt}</dt><dd><${Time} at=${user.email_verified_at} /></dd>
  </dl><//>`;
}

/** @param {{ claims: Record<string, unknown> }} props */
function Claims({ claims }) {
  const t = texts().user;
  const isEmpty = Object.keys(claims).length === 0;
  return html`<${Card} title=${t.claims}>${
    isEmpty
      ? html`<${Empty}>${t.noClaims}<//>`
      : html`<pre tabindex="0" aria-label=${t.claims}>${JSON.stringify(claims, null, 2)}</pre>`
  }<//>`;
}

/** @param {{ id: string, events: Events }} props */
function Activity({ id, events }) {
  const t = texts().user;
  const all = html`<a href=${linkTo(['audit'], { user: id })}>${t.allActivity}</a>`;
  return html`<${Card} title=${t.activity} actions=${all}><${Loaded} loading=${events}>${
    /** @param {{ events: AuditEvent[] }} data */ (data) =>
      html`<${EventTable} events=${data.events} ofOneUser />`
  }<//><//>`;
}
