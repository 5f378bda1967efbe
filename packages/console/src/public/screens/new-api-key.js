import { call } from '../api.js';
import { showSecret } from '../dialogs.js';
import { html } from '../html.js';
import { texts } from '../language.js';
import { Modal } from '../ui/dialogs.js';
import { useState } from '../vendor/hooks.js';

const SCOPES = [
  ...['users:read', 'users:write', 'sessions:write', 'audit:read', 'keys:write', 'mail:write'],
  ...['events:read', 'introspect'],
];
const USUAL_DAYS = 90;

/** @param {{ onClose: () => void }} props */
export function NewApiKey({ onClose }) {
  const t = texts().keys;
  const [fault, setFault] = useState('');
  /** @param {SubmitEvent} event */
  const submit = async (event) => {
    event.preventDefault();
    const fields = new FormData(/** @type {HTMLFormElement} */ (event.currentTarget));
    const body = {
      name: String(fields.get('name')).trim(),
      scopes: fields.getAll('scope').map(String),
      days: Number(fields.get('days')),
    };
    try {
      /** @type {{ key: string }} */
      const { key } = await call('api_keys', { method: 'POST', body });
      onClose();
      await showSecret({ title: t.secretTitle, text: t.secretText, secret: key });
    } catch (error) {
      setFault(/** @type {Error} */ (error).message);
    }
  };
  return html`<${Modal} title=${t.createTitle} onClose=${onClose}>
    ${fault && html`<p class="bad" role="alert">${fault}</p>`}
    <form onSubmit=${submit}>
      <label>${t.name}<input name="name" maxlength="100" autocomplete="off" required autofocus /></label>
      <fieldset><legend>${t.scopes}</legend><div class="checks">${SCOPES.map(
        (scope) => html`<label key=${scope}><input type="checkbox" name="scope" value=${scope} />
          <code>${scope}</code></label>`,
      )}</div></fieldset>
      <label>${t.days}<input name="days" type="number" min="1" max="3650" value=${USUAL_DAYS} required /></label>
      <div class="buttons"><button type="button" onClick=${onClose}>${texts().common.cancel}</button>
      <button class="main">${t.create}</button></div>
    </form><//>`;
}
