import { call, withQuery } from '../api.js';
import { number } from '../format.js';
import { html } from '../html.js';
import { texts } from '../language.js';
import { filter, linkTo } from '../router.js';
import { Chart } from '../ui/chart.js';
import { EventTable } from '../ui/events.js';
import { Select } from '../ui/fields.js';
import { Loaded, useLoad } from '../ui/load.js';
import { Card, Screen } from '../ui/parts.js';
import { Time } from '../ui/time.js';

/** @typedef {import('../../types.ts').Stats} Stats */
/** @typedef {import('../../types.ts').AuditEvent} AuditEvent */

/** @type {Readonly<Record<string, { by: string, last: number }>>} */
const SPANS = {
  '24h': { by: 'hour', last: 24 },
  '7d': { by: 'hour', last: 168 },
  '30d': { by: 'day', last: 30 },
};

/** @param {{ query: URLSearchParams }} props */
export function Overview({ query }) {
  const t = texts().overview;
  const span = query.get('span') ?? '24h';
  const path = withQuery('stats', SPANS[span] ?? SPANS['24h'] ?? {});
  /** @type {import('../ui/load.js').Loading<Stats>} */
  const stats = useLoad(path, (signal) => call(path, { signal }));
  /** @type {import('../ui/load.js').Loading<{ events: AuditEvent[] }>} */
  const failures = useLoad('failures', (signal) =>
    call(withQuery('audit', { event: 'login.fail', limit: 8 }), { signal }),
  );
  const all = html`<a href=${linkTo(['audit'], { event: 'login.fail' })}>${t.allFailures}</a>`;
  return html`<${Screen} title=${t.title}>
    <${Loaded} loading=${stats}>${
      /** @param {Stats} data */ (data) => html`<${Figures} stats=${data} />
        <${Card} title=${t.activity} actions=${html`<${Select} isBare label=${t.span} value=${span}
          set=${(/** @type {string} */ chosen) => filter({ span: chosen })}
          choices=${Object.keys(SPANS).map((each) => [each, t.spans[/** @type {keyof typeof t.spans} */ (each)]])} />`}>
          <${Charts} stats=${data} /><//>`
    }<//>
    <${Card} title=${t.failures} actions=${all}><${Loaded} loading=${failures}>${
      /** @param {{ events: AuditEvent[] }} data */ ({ events }) =>
        html`<${EventTable} events=${events} />`
    }<//><//>
  <//>`;
}

/** @param {{ stats: Stats }} props */
function Figures({ stats: { users, sessions, counted_at } }) {
  const t = texts().overview;
  const figures = [
    { label: t.users, value: users.total, to: linkTo(['users']) },
    { label: t.active, value: users.active, to: linkTo(['users'], { status: 'active' }) },
    { label: t.disabled, value: users.disabled, to: linkTo(['users'], { status: 'disabled' }) },
    {
      label: t.unverified,
      value: users.unverified,
      to: linkTo(['users'], { status: 'unverified' }),
    },
    { label: t.admins, value: users.admin, to: linkTo(['users'], { status: 'admin' }) },
    { label: t.sessions, value: sessions.open, to: undefined },
  ];
  return html`<ul class="figures">${figures.map(
    ({ label, value, to }) => html`<li key=${label} class="card">
      ${
        to
          ? html`<a href=${to}><b>${number(value)}</b><span>${label}</span></a>`
          : html`<div><b>${number(value)}</b><span>${label}</span></div>`
      }</li>`,
  )}</ul><p class="soft counted">${t.counted} <${Time} at=${counted_at} /></p>`;
}

/** @param {{ stats: Stats }} props */
function Charts({ stats: { activity } }) {
  const t = texts().overview;
  const { buckets, is_complete } = activity;
  const moments = buckets.map(({ from }) => from);
  const valuesOf = (/** @type {'logins' | 'failures' | 'throttled' | 'registrations'} */ name) =>
    buckets.map((bucket) => bucket[name]);
  const failed = [
    { label: t.failed, kind: 'failures', values: valuesOf('failures') },
    { label: t.throttled, kind: 'throttled', values: valuesOf('throttled') },
  ];
  return html`${!is_complete && html`<p class="soft" role="status">${t.counting}</p>`}
    <div class="charts">
      <${Chart} title=${t.logins} moments=${moments}
        series=${[{ label: t.opened, kind: 'logins', values: valuesOf('logins') }]} />
      <${Chart} title=${t.failedLogins} moments=${moments} series=${failed} />
      <${Chart} title=${t.registrations} moments=${moments}
        series=${[{ label: t.registered, kind: 'registrations', values: valuesOf('registrations') }]} />
    </div>`;
}
