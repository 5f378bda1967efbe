import { call } from '../api.js';
import { showSecret } from '../dialogs.js';
import { html } from '../html.js';
import { texts } from '../language.js';
import { go, linkTo } from '../router.js';
import { say } from '../toasts.js';
import { Modal } from '../ui/dialogs.js';
import { useState } from '../vendor/hooks.js';

/** @param {{ onClose: () => void }} props */
export function CreateUser({ onClose }) {
  const t = texts().users;
  const [fault, setFault] = useState('');
  /** @param {SubmitEvent} event */
  const submit = async (event) => {
    event.preventDefault();
    const fields = new FormData(/** @type {HTMLFormElement} */ (event.currentTarget));
    const email = String(fields.get('email')).trim();
    const username = String(fields.get('username')).trim();
    const body = { email, ...(username && { username }) };
    try {
      /** @type {import('../../types.ts').HandedOver} */
      const user = await call('users', { method: 'POST', body });
      const { linkTitle: title, linkText } = texts().user;
      if (user.link === undefined) say(t.createdDone(user.email));
      else {
        onClose();
        await showSecret({ title, text: linkText(user.email), secret: user.link });
      }
      go(linkTo(['users', user.id]));
    } catch (error) {
      setFault(/** @type {Error} */ (error).message);
    }
  };
  return html`<${Modal} title=${t.create} onClose=${onClose}>
    <p>${t.createText}</p>
    ${fault && html`<p class="bad" role="alert">${fault}</p>`}
    <form onSubmit=${submit}>
      <label>${t.email}<input name="email" type="email" autocomplete="off" required autofocus /></label>
      <label>${t.username}<input name="username" autocomplete="off" /></label>
      <div class="buttons"><button type="button" onClick=${onClose}>${texts().common.cancel}</button>
      <button class="main">${t.create}</button></div>
    </form><//>`;
}
