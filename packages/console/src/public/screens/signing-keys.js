import { call } from '../api.js';
import { ask } from '../dialogs.js';
import { html } from '../html.js';
import { texts } from '../language.js';
import { attempt } from '../toasts.js';
import { Loaded, useLoad } from '../ui/load.js';
import { Badge, Card, Empty } from '../ui/parts.js';
import { Table } from '../ui/table.js';
import { Time } from '../ui/time.js';

/** @typedef {import('../../types.ts').SigningKey} SigningKey */

const KINDS = /** @type {const} */ ({ current: 'good', next: 'warn', retired: 'soft' });

export function SigningKeys() {
  const t = texts().signing;
  /** @type {import('../ui/load.js').Loading<{ keys: SigningKey[] }>} */
  const loading = useLoad('signing-keys', (signal) => call('signing-keys', { signal }));
  const rotate = async () => {
    if (!(await ask({ title: t.rotateTitle, text: t.rotateText, button: t.rotate }))) return;
    const work = () => call('signing-keys/rotate', { method: 'POST', body: {} });
    await attempt(work, t.rotated);
    loading.reload();
  };
  /** @type {import('../ui/table.js').Column<SigningKey>[]} */
  const columns = [
    { label: t.kid, kind: 'lead', cell: ({ kid }) => html`<code>${kid}</code>` },
    { label: t.alg, cell: ({ alg }) => alg },
    {
      label: t.state,
      cell: ({ state }) => html`<${Badge} kind=${KINDS[state]}>${t.states[state]}<//>`,
    },
    { label: t.signs, cell: ({ signs }) => t.signing[signs] },
    { label: t.activates, cell: ({ activates_at }) => html`<${Time} at=${activates_at} />` },
    { label: t.until, cell: ({ signs_until }) => html`<${Time} at=${signs_until} />` },
    { label: t.verifies, cell: ({ verifies_until }) => html`<${Time} at=${verifies_until} />` },
  ];
  const action = html`<button type="button" onClick=${rotate}>${t.rotate}</button>`;
  return html`<${Card} title=${t.title} actions=${action}><${Loaded} loading=${loading}>${
    /** @param {{ keys: SigningKey[] }} data */ ({ keys }) =>
      keys.length === 0
        ? html`<${Empty}>${t.none}<//>`
        : html`<${Table} caption=${t.title} columns=${columns} rows=${keys}
            keyOf=${/** @param {SigningKey} key */ (key) => key.kid} />`
  }<//><//>`;
}
