import { call } from '../api.js';
import { html } from '../html.js';
import { texts } from '../language.js';
import { attempt } from '../toasts.js';
import { Loaded, useLoad } from '../ui/load.js';
import { Badge, Card, Empty } from '../ui/parts.js';
import { Table } from '../ui/table.js';
import { Time } from '../ui/time.js';
import { useState } from '../vendor/hooks.js';

/** @typedef {import('../../types.ts').Mail} Mail */
/** @typedef {{ mails: Mail[], next?: string }} Page */

/** Mail that waits or was given up, and a test mail. */
export function Mails() {
  const t = texts().mails;
  /** @type {import('../ui/load.js').Loading<Page>} */
  const loading = useLoad('mails', (signal) => call('mails', { signal }));
  const retry = async (/** @type {Mail} */ { id }) => {
    await attempt(() => call(`mails/${id}/retry`, { method: 'POST' }), t.retried);
    loading.reload();
  };
  /** @type {import('../ui/table.js').Column<Mail>[]} */
  const columns = [
    { label: t.recipient, kind: 'lead', cell: ({ recipient }) => recipient },
    { label: t.template, cell: ({ template }) => html`<code>${template}</code>` },
    {
      label: t.state,
      cell: ({ state, last_error }) => html`<${Badge} kind=${state === 'waiting' ? 'warn' : 'bad'}>
        ${t.states[state]}<//> <span class="soft">${last_error}</span>`,
    },
    { label: t.next, cell: ({ next_attempt_at }) => html`<${Time} at=${next_attempt_at} />` },
    {
      label: '',
      kind: 'end',
      cell: (mail) => html`<button type="button" class="quiet" onClick=${() => retry(mail)}
        aria-label=${`${t.retry}: ${mail.recipient}`}>${t.retry}</button>`,
    },
  ];
  const actions = html`<button type="button" onClick=${loading.reload}>${texts().audit.refresh}</button>`;
  return html`<${Card} title=${t.title} actions=${actions}><${Loaded} loading=${loading}>${
    /** @param {Page} page */ ({ mails }) =>
      mails.length === 0
        ? html`<${Empty}>${t.none}<//>`
        : html`<${Table} caption=${t.title} columns=${columns} rows=${mails}
            keyOf=${/** @param {Mail} mail */ (mail) => mail.id} />`
  }<//><${TestMail} /><//>`;
}

/** Sent at once, so that the response has the error of the mail server. */
function TestMail() {
  const t = texts().mails;
  const [isBusy, setBusy] = useState(false);
  /** @param {SubmitEvent} event */
  const submit = async (event) => {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (event.currentTarget);
    const email = String(new FormData(form).get('email')).trim();
    setBusy(true);
    const work = async () => {
      /** @type {{ is_sent: boolean, reason?: string | null }} */
      const { is_sent, reason } = await call('mails/test', { method: 'POST', body: { email } });
      if (!is_sent) throw new Error(`${t.testFailed} ${reason ?? ''}`);
    };
    await attempt(work, t.testSent(email));
    setBusy(false);
  };
  return html`<form class="inline" onSubmit=${submit}>
    <label>${t.test}<input name="email" type="email" autocomplete="email" required /></label>
    <button disabled=${isBusy}>${t.testButton}</button></form>`;
}
