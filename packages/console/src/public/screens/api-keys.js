import { call } from '../api.js';
import { ask } from '../dialogs.js';
import { html } from '../html.js';
import { texts } from '../language.js';
import { attempt } from '../toasts.js';
import { Loaded, useLoad } from '../ui/load.js';
import { Badge, Card, Empty } from '../ui/parts.js';
import { Table } from '../ui/table.js';
import { Time } from '../ui/time.js';
import { useState } from '../vendor/hooks.js';
import { NewApiKey } from './new-api-key.js';

/** @typedef {import('../../types.ts').ApiKey} ApiKey */

/** @param {ApiKey} key */
const isLive = ({ revoked_at, expires_at }) =>
  revoked_at === null && Date.parse(expires_at) > Date.now();

/** @param {ApiKey} key */
function StateOf(key) {
  const t = texts().keys;
  if (isLive(key)) return html`<${Badge} kind="good">${t.live}<//>`;
  return html`<${Badge}>${key.revoked_at === null ? t.expired : t.revokedState}<//>`;
}

export function ApiKeys() {
  const t = texts().keys;
  const [isCreating, setCreating] = useState(false);
  /** @type {import('../ui/load.js').Loading<{ api_keys: ApiKey[] }>} */
  const loading = useLoad('api_keys', (signal) => call('api_keys', { signal }));
  const revoke = async (/** @type {ApiKey} */ { id, name }) => {
    const question = { title: t.revokeTitle(name), text: t.revokeText, button: t.revoke };
    if (!(await ask({ ...question, isDanger: true }))) return;
    await attempt(
      () => call(`api_keys/${encodeURIComponent(id)}`, { method: 'DELETE' }),
      t.revoked,
    );
    loading.reload();
  };
  /** @type {import('../ui/table.js').Column<ApiKey>[]} */
  const columns = [
    {
      label: t.name,
      kind: 'lead',
      cell: ({ id, name }) => html`<b>${name}</b> <code class="soft">${id}</code>`,
    },
    { label: t.state, cell: StateOf },
    {
      label: t.scopes,
      kind: 'wide',
      cell: ({ scopes }) => scopes.map((scope) => html`<code key=${scope}>${scope}</code> `),
    },
    {
      label: t.lastUsed,
      cell: ({ last_used_at }) => html`<${Time} at=${last_used_at} none=${texts().common.never} />`,
    },
    { label: t.expires, cell: ({ expires_at }) => html`<${Time} at=${expires_at} />` },
    { label: t.createdBy, cell: ({ created_at }) => html`<${Time} at=${created_at} />` },
    {
      label: '',
      kind: 'end',
      cell: (key) =>
        isLive(key) &&
        html`<button type="button" class="quiet bad" aria-label=${t.revokeTitle(key.name)}
          onClick=${() => revoke(key)}>${t.revoke}</button>`,
    },
  ];
  const create = html`<button type="button" class="main" onClick=${() => setCreating(true)}>${t.create}</button>`;
  const close = () => {
    setCreating(false);
    loading.reload();
  };
  return html`<${Card} title=${t.api} actions=${create}><${Loaded} loading=${loading}>${
    /** @param {{ api_keys: ApiKey[] }} data */ ({ api_keys }) =>
      api_keys.length === 0
        ? html`<${Empty}>${t.none}<//>`
        : html`<${Table} caption=${t.caption} columns=${columns} rows=${api_keys}
            keyOf=${/** @param {ApiKey} key */ (key) => key.id} />`
  }<//><//>${isCreating && html`<${NewApiKey} onClose=${close} />`}`;
}
