import { deviceOf } from '../format.js';
import { html } from '../html.js';
import { texts } from '../language.js';
import { linkTo } from '../router.js';
import { Badge, Empty } from './parts.js';
import { Table } from './table.js';
import { Time } from './time.js';

/** @typedef {import('../../types.ts').AuditEvent} AuditEvent */

const ALARMING = new Set([
  'login.fail',
  'login.throttled',
  'refresh.reuse',
  'refresh.elsewhere',
  'user.delete',
]);
const GOOD = new Set(['login.ok', 'user.enable', 'user.unlock', 'email.verify']);

/** The event's name in the present language, else its code. @param {string} event */
export const nameOf = (event) =>
  /** @type {Readonly<Record<string, string>>} */ (texts().events)[event] ?? event;

/** @param {AuditEvent} event */
function EventCell({ event }) {
  const kind = ALARMING.has(event) ? 'bad' : GOOD.has(event) ? 'good' : 'soft';
  return html`<span title=${event}><${Badge} kind=${kind}>${nameOf(event)}<//></span>`;
}

/** @param {AuditEvent} event */
function Actor({ actor }) {
  const t = texts().actors;
  const [kind = '', id] = actor.split(/:(.*)/s);
  const name = /** @type {Readonly<Record<string, string>>} */ (t)[kind] ?? actor;
  if (kind === 'admin' && id) return html`<a href=${linkTo(['users', id])}>${name} ${id}</a>`;
  return html`${name} ${id && html`<code>${id}</code>`}`;
}

/** @param {AuditEvent} event */
function Details({ details, session_id }) {
  const { reason, ...others } = details;
  const { reasons } = texts();
  const word =
    typeof reason === 'string'
      ? (Object.entries(reasons).find(([name]) => name === reason)?.[1] ?? reason)
      : '';
  const rest = Object.entries(others).map(([name, value]) => `${name} ${String(value)}`);
  const said = [word, ...rest].filter(Boolean).join(', ');
  return said && html`<span title=${session_id ?? ''}>${said}</span>`;
}

/** @param {AuditEvent} event */
const Place = ({ address, user_agent }) =>
  html`<span title=${user_agent}>${address && html`<code>${address}</code>`} ${deviceOf(user_agent)}</span>`;

/**
 * Events, the newest first.
 *
 * @param {{ events: readonly AuditEvent[], ofOneUser?: boolean }} props
 */
export function EventTable({ events, ofOneUser = false }) {
  const t = texts().audit;
  if (events.length === 0) return html`<${Empty}>${t.none}<//>`;
  /** @type {import('./table.js').Column<AuditEvent>} */
  const account = {
    label: t.account,
    kind: 'long',
    cell: ({ user_id, user_email }) =>
      user_id === null
        ? '—'
        : html`<a href=${linkTo(['users', user_id])} title=${user_id}>${user_email ?? user_id}</a>`,
  };
  /** @type {import('./table.js').Column<AuditEvent>[]} */
  const columns = [
    { label: t.event, kind: 'lead', cell: EventCell },
    { label: t.when, cell: ({ at }) => html`<${Time} at=${at} />` },
    ...(ofOneUser ? [] : [account]),
    { label: t.details, kind: 'long', cell: Details },
    { label: t.actor, cell: Actor },
    { label: t.from, kind: 'long', cell: Place },
  ];
  return html`<${Table} caption=${t.caption} columns=${columns} rows=${events}
    keyOf=${/** @param {AuditEvent} event */ (event) => event.id} />`;
}
