import { call } from '../api.js';
import { showSecret } from '../dialogs.js';
import { html } from '../html.js';
import { texts } from '../language.js';
import { linkTo } from '../router.js';
import { say } from '../toasts.js';
import { Card } from '../ui/parts.js';

/** Invites an administrator with a link that is shown once and handed over by other means. */
export function Invitations() {
  const t = texts().invitations;
  /** @param {SubmitEvent} event */
  const submit = async (event) => {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (event.currentTarget);
    const email = String(new FormData(form).get('email')).trim();
    try {
      /** @type {{ token: string }} */
      const { token } = await call('invitations', { method: 'POST', body: { email } });
      form.reset();
      const place = location.href.split('#')[0] ?? '';
      const secret = `${place}${linkTo(['setup'], { token, for: 'invite' })}`;
      await showSecret({ title: t.shownTitle, text: t.shownText(email), secret });
    } catch (error) {
      say(/** @type {Error} */ (error).message, { isBad: true });
    }
  };
  return html`<${Card} title=${t.title}><form onSubmit=${submit}>
    <label>${t.email}<input name="email" type="email" autocomplete="off" required /></label>
    <div><button>${t.button}</button></div></form><//>`;
}
