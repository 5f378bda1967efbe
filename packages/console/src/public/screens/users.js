import { withQuery } from '../api.js';
import { csvOf, download } from '../csv.js';
import { html } from '../html.js';
import { texts } from '../language.js';
import { pageOf, pagesOf } from '../pages.js';
import { filter, linkTo } from '../router.js';
import { attempt, say } from '../toasts.js';
import { SearchField, Select } from '../ui/fields.js';
import { Loaded, useLoad } from '../ui/load.js';
import { Pager } from '../ui/pager.js';
import { Card, Empty, Screen } from '../ui/parts.js';
import { Table } from '../ui/table.js';
import { Time } from '../ui/time.js';
import { useState } from '../vendor/hooks.js';
import { CreateUser } from './create-user.js';
import { StateOf } from './user-state.js';

/** @typedef {import('../../types.ts').User} User */
/** @typedef {{ users: User[], next?: string }} Page */

const STATUSES = /** @type {const} */ (['', 'active', 'disabled', 'unverified', 'admin']);

/** @param {User} user */
const NameOf = ({ id, email, username }) =>
  html`<a class="name" href=${linkTo(['users', id])}>${email}</a>
    ${username && html`<span class="soft">${username}</span>`}`;

/**
 * @param {string} sort of the address, such as `-last_login`
 * @returns {import('../ui/table.js').Column<User>[]}
 */
function columnsOf(sort) {
  const t = texts().users;
  const sortable = /** @param {string} by */ (by) => ({
    order: sort === by ? 'ascending' : sort === `-${by}` ? 'descending' : 'none',
    sort: () =>
      filter({ sort: sort === `-${by}` ? by : sort === by || by !== 'email' ? `-${by}` : by }),
  });
  return /** @type {import('../ui/table.js').Column<User>[]} */ ([
    { label: t.address, kind: 'lead', cell: NameOf, ...sortable('email') },
    { label: t.state, cell: StateOf },
    {
      label: t.lastLogin,
      cell: /** @param {User} user */ (user) =>
        html`<${Time} at=${user.last_login_at} none=${texts().common.never} />`,
      ...sortable('last_login'),
    },
    {
      label: t.created,
      cell: /** @param {User} user */ (user) => html`<${Time} at=${user.created_at} />`,
      ...sortable('id'),
    },
  ]);
}

const CSV = /** @type {const} */ ([
  ...['id', 'email', 'username', 'is_active', 'is_admin', 'created_at', 'last_login_at'],
  'email_verified_at',
]);

/** @param {{ query: URLSearchParams }} props */
export function Users({ query }) {
  const t = texts().users;
  const [isCreating, setCreating] = useState(false);
  const sort = query.get('sort') ?? '-id';
  const chosen = { q: query.get('q'), status: query.get('status'), sort };
  const isFiltered = Boolean(chosen.q || chosen.status);
  const path = withQuery('users', { ...chosen, after: query.get('after'), limit: 25 });
  /** @type {import('../ui/load.js').Loading<Page>} */
  const loading = useLoad(path, (signal) => pageOf(path, ({ users }) => users, signal));
  const exportAll = async () => {
    const { common } = texts();
    say(common.exporting);
    /** @type {User[]} */
    let rows = [];
    const read = async () => {
      rows = await pagesOf(withQuery('users', { ...chosen, limit: 100 }), 'users');
      const cells = rows.map((user) => CSV.map((name) => user[/** @type {keyof User} */ (name)]));
      download('users.csv', csvOf(CSV, cells));
    };
    await attempt(read, () => common.exported(rows.length));
  };
  const actions = html`<button type="button" onClick=${exportAll}>${texts().common.csv}</button>
    <button type="button" class="main" onClick=${() => setCreating(true)}>${t.create}</button>`;
  return html`<${Screen} title=${t.title} actions=${actions}>
    <div class="filters">
      <${SearchField} label=${t.search} value=${chosen.q ?? ''} set=${setSearch} />
      <${Select} label=${t.status} value=${chosen.status ?? ''} set=${setStatus}
        choices=${STATUSES.map((value) => [value, t.statuses[value]])} />
    </div>
    <${Loaded} loading=${loading}>${
      /** @param {Page} page */ ({ users, next }) =>
        users.length === 0
          ? html`<${Empty}>${isFiltered ? t.none : t.noneYet}${' '}
              ${isFiltered && html`<a href=${linkTo(['users'])}>${t.all}</a>`}<//>`
          : html`<${Card} title=${t.caption} kind="bare">
              <${Table} caption=${t.caption} columns=${columnsOf(sort)} rows=${users}
                keyOf=${/** @param {User} user */ (user) => user.id} /><//>
            <${Pager} parts=${['users']} query=${query} next=${next} />`
    }<//>
    ${isCreating && html`<${CreateUser} onClose=${() => setCreating(false)} />`}
  <//>`;
}

/** @param {string} q */
const setSearch = (q) => filter({ q }, { replace: true });
/** @param {string} status */
const setStatus = (status) => filter({ status });
