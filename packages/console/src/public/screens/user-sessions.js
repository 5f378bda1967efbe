import { call } from '../api.js';
import { ask } from '../dialogs.js';
import { deviceOf } from '../format.js';
import { html } from '../html.js';
import { texts } from '../language.js';
import { attempt } from '../toasts.js';
import { Loaded, useLoad } from '../ui/load.js';
import { Card, Empty } from '../ui/parts.js';
import { Table } from '../ui/table.js';
import { Time } from '../ui/time.js';

/** @typedef {import('../../types.ts').Session} Session */

/** @param {{ user: import('../../types.ts').User, changed: () => void }} props */
export function UserSessions({ user, changed }) {
  const t = texts().user;
  const path = `users/${encodeURIComponent(user.id)}/sessions`;
  /** @type {import('../ui/load.js').Loading<{ sessions: Session[] }>} */
  const loading = useLoad(`${path} ${user.is_active}`, (signal) => call(path, { signal }));
  const remove = async (/** @type {string} */ which, /** @type {string} */ done) => {
    await attempt(() => call(which, { method: 'DELETE' }), done);
    loading.reload();
    changed();
  };
  const endAll = async () => {
    const question = { title: t.sure(t.endAll, user.email), text: t.endAllText, button: t.endAll };
    if (await ask({ ...question, isDanger: true })) await remove(path, t.endedAll);
  };
  const hasSome = (loading.data?.sessions.length ?? 0) > 0;
  const actions = hasSome && html`<button type="button" onClick=${endAll}>${t.endAll}</button>`;
  /** @type {import('../ui/table.js').Column<Session>[]} */
  const columns = [
    {
      label: t.device,
      kind: 'lead',
      cell: ({ user_agent }) =>
        html`<span title=${user_agent}>${deviceOf(user_agent) || '—'}</span>`,
    },
    { label: t.address, cell: ({ address }) => html`<code>${address || '—'}</code>` },
    { label: t.used, cell: ({ last_used_at }) => html`<${Time} at=${last_used_at} />` },
    { label: t.begun, cell: ({ created_at }) => html`<${Time} at=${created_at} />` },
    {
      label: '',
      kind: 'end',
      cell: ({ id, user_agent }) => html`<button type="button" class="quiet bad"
        aria-label=${t.endOne(deviceOf(user_agent))}
        onClick=${() => remove(`${path}/${encodeURIComponent(id)}`, t.ended)}>${t.end}</button>`,
    },
  ];
  return html`<${Card} title=${t.sessions} actions=${actions}><${Loaded} loading=${loading}>${
    /** @param {{ sessions: Session[] }} data */ ({ sessions }) =>
      sessions.length === 0
        ? html`<${Empty}>${t.noSessions}<//>`
        : html`<${Table} caption=${t.sessions} columns=${columns} rows=${sessions}
            keyOf=${/** @param {Session} session */ (session) => session.id} />`
  }<//><//>`;
}
