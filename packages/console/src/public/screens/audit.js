import { ApiError, call, withQuery } from '../api.js';
import { csvOf, download } from '../csv.js';
import { html } from '../html.js';
import { texts } from '../language.js';
import { pageOf, pagesOf } from '../pages.js';
import { filter } from '../router.js';
import { attempt, say } from '../toasts.js';
import { EventTable, nameOf } from '../ui/events.js';
import { SearchField, Select } from '../ui/fields.js';
import { Loaded, useLoad } from '../ui/load.js';
import { Pager } from '../ui/pager.js';
import { Card, Screen } from '../ui/parts.js';

/** @typedef {import('../../types.ts').AuditEvent} AuditEvent */
/** @typedef {{ events: AuditEvent[], next?: string }} Page */

const HOUR_MS = 3_600_000;
/** @type {Readonly<Record<string, number>>} */
const PERIODS = { '1h': HOUR_MS, '24h': 24 * HOUR_MS, '7d': 168 * HOUR_MS };

/** @param {string | null} local of a field, in the browser's zone */
const momentOf = (local) =>
  local && !Number.isNaN(Date.parse(local)) ? new Date(local).toISOString() : undefined;

/**
 * The filters as the API has them. An address is looked up first: the API knows accounts by id.
 *
 * @param {URLSearchParams} query
 * @param {AbortSignal} [signal]
 */
async function readFilters(query, signal) {
  const period = PERIODS[query.get('period') ?? ''];
  const since = period ? new Date(Date.now() - period).toISOString() : momentOf(query.get('since'));
  const until = period ? undefined : momentOf(query.get('until'));
  const user = await idOf(query.get('user') ?? '', signal);
  return { user, event: query.get('event'), since, until };
}

/**
 * @param {string} given address or id
 * @param {AbortSignal | undefined} signal
 */
async function idOf(given, signal) {
  if (!given.includes('@')) return given;
  const path = withQuery('users', { q: given, limit: 100 });
  /** @type {{ users: import('../../types.ts').User[] }} */
  const { users } = await call(path, signal ? { signal } : {});
  const named = users.find(({ email }) => email.toLowerCase() === given.toLowerCase());
  const user = named ?? (users.length === 1 ? users[0] : undefined);
  if (!user) throw new ApiError(404, texts().audit.unknownUser);
  return String(user.id);
}

const CSV = /** @type {const} */ ([
  ...['id', 'at', 'event', 'user_id', 'user_email', 'session_id', 'actor', 'address'],
  ...['user_agent', 'request_id', 'details'],
]);

/** @param {URLSearchParams} query */
async function exportAll(query) {
  const { common } = texts();
  say(common.exporting);
  /** @type {AuditEvent[]} */
  let rows = [];
  const read = async () => {
    const filters = await readFilters(query);
    rows = await pagesOf(withQuery('audit', { ...filters, limit: 100 }), 'events');
    const cells = rows.map((event) =>
      CSV.map((name) =>
        name === 'details'
          ? JSON.stringify(event.details)
          : event[/** @type {keyof AuditEvent} */ (name)],
      ),
    );
    download('audit.csv', csvOf(CSV, cells));
  };
  await attempt(read, () => common.exported(rows.length));
}

/** @param {{ query: URLSearchParams }} props */
export function Audit({ query }) {
  const t = texts().audit;
  const load = async (/** @type {AbortSignal} */ signal) => {
    const filters = await readFilters(query, signal);
    const path = withQuery('audit', { ...filters, after: query.get('after'), limit: 50 });
    return pageOf(path, (/** @type {Page} */ { events }) => events, signal);
  };
  /** @type {import('../ui/load.js').Loading<Page>} */
  const loading = useLoad(`audit?${query}`, load);
  const actions = html`<button type="button" onClick=${loading.reload}>${t.refresh}</button>
    <button type="button" onClick=${() => exportAll(query)}>${texts().common.csv}</button>`;
  return html`<${Screen} title=${t.title} actions=${actions}>
    <${Filters} query=${query} />
    <${Loaded} loading=${loading}>${
      /** @param {Page} page */ ({ events, next }) => html`<${Card} title=${t.caption} kind="bare">
          <${EventTable} events=${events} /><//>
        <${Pager} parts=${['audit']} query=${query} next=${next} />`
    }<//><//>`;
}

/** @param {{ query: URLSearchParams }} props */
function Filters({ query }) {
  const t = texts().audit;
  const isOwn = query.has('since') || query.has('until') || query.get('period') === 'own';
  const setPeriod = (/** @type {string} */ period) =>
    filter({ period, since: undefined, until: undefined });
  const events = Object.keys(texts().events).map(
    (name) => /** @type {const} */ ([name, nameOf(name)]),
  );
  const periods = Object.entries(t.periods);
  return html`<div class="filters">
    <${Select} label=${t.period} value=${isOwn ? 'own' : (query.get('period') ?? '')} set=${setPeriod}
      choices=${periods} />
    ${
      isOwn &&
      html`<${Moment} name="since" label=${t.since} query=${query} />
      <${Moment} name="until" label=${t.until} query=${query} />`
    }
    <${Select} label=${t.event} value=${query.get('event') ?? ''} choices=${[['', t.anyEvent], ...events]}
      set=${(/** @type {string} */ event) => filter({ event })} />
    <${SearchField} label=${`${t.account} (${t.accountHint})`} value=${query.get('user') ?? ''}
      set=${(/** @type {string} */ user) => filter({ user }, { replace: true })} />
  </div>`;
}

/** @param {{ name: 'since' | 'until', label: string, query: URLSearchParams }} props */
const Moment = ({ name, label, query }) =>
  html`<label class="field">${label}<input type="datetime-local" value=${query.get(name) ?? ''}
    onChange=${(/** @type {Event} */ event) =>
      filter({
        period: 'own',
        [name]: /** @type {HTMLInputElement} */ (event.currentTarget).value,
      })} /></label>`;
