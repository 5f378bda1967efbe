import { call } from '../api.js';
import { duration } from '../format.js';
import { html } from '../html.js';
import { texts } from '../language.js';
import { Loaded, useLoad } from '../ui/load.js';
import { Badge, Card, Screen } from '../ui/parts.js';
import { Time } from '../ui/time.js';
import { Invitations } from './invitations.js';
import { Mails } from './mails.js';

/** @typedef {import('../../types.ts').System} System */

/** The settings of the service, and what needs an operator's attention. */
export function System() {
  const t = texts().system;
  /** @type {import('../ui/load.js').Loading<System>} */
  const loading = useLoad('system', (signal) => call('system', { signal }));
  return html`<${Screen} title=${t.title}><${Loaded} loading=${loading}>${
    /** @param {System} system */ (system) => html`<div class="columns"><div>
        <${Findings} system=${system} /><${Request} system=${system} />
        <${Mails} /></div>
      <div><${Version} system=${system} /><${Invitations} /><${Limits} system=${system} /></div></div>`
  }<//><//>`;
}

const KINDS = /** @type {const} */ ({ ok: 'good', warning: 'warn', fault: 'bad' });

/** @param {{ system: System }} props */
function Findings({ system: { findings } }) {
  const t = texts().system;
  return html`<${Card} title=${t.findings} kind="findings"><ul class="causes">${findings.map(
    ({ check, level, message }) => html`<li key=${check + message}>
      <${Badge} kind=${KINDS[level]}>${t.levels[level]}<//> <span lang="en">${check}: ${message}</span></li>`,
  )}</ul><p class="soft">${t.doctor} <code>gatepass doctor</code></p><//>`;
}

/** @param {{ system: System }} props */
function Version({ system: { version, runtime, database, started_at, last_backup_at } }) {
  const t = texts().system;
  return html`<${Card} title=${t.version}><dl><dt>Gatepass</dt><dd>${version}, ${runtime}</dd>
    <dt>${t.started}</dt><dd><${Time} at=${started_at} /></dd>
    <dt>${t.database}</dt><dd><code>${database}</code></dd>
    <dt>${t.backup}</dt><dd><${Time} at=${last_backup_at} none=${texts().common.never} /></dd></dl><//>`;
}

/** @param {{ system: System }} props */
function Request({ system: { request } }) {
  const t = texts().system;
  const { peer, address, host, forwarded, is_peer_trusted } = request;
  const rows = [
    [t.peer, peer],
    [t.countsAs, address],
    ['host', host],
    ...Object.entries(forwarded),
  ];
  const isIgnored = 'x-forwarded-for' in forwarded && !is_peer_trusted;
  return html`<${Card} title=${t.request} kind=${isIgnored ? 'notice' : ''}>
    ${isIgnored && html`<p>${t.ignored}</p>`}
    <dl>${rows.map(([name, value]) => html`<dt>${name}</dt><dd><code>${value}</code></dd>`)}</dl>
    ${Object.keys(forwarded).length === 0 && html`<p class="soft">${t.noProxy}</p>`}<//>`;
}

/** @param {{ system: System }} props */
function Limits({ system: { rate_limits, limits } }) {
  const t = texts().system;
  return html`<${Card} title=${t.limits} kind=${rate_limits === 'on' ? '' : 'notice'}>
    ${rate_limits === 'off' && html`<p>${t.limitsOff}</p>`}
    <dl class="figured">${limits.map(
      ({ name, quota, window_seconds }) => html`<dt><code>${name}</code></dt>
        <dd>${t.per(quota, duration(window_seconds))}</dd>`,
    )}</dl><//>`;
}
