import { call } from '../api.js';
import { ask, showSecret } from '../dialogs.js';
import { html } from '../html.js';
import { texts } from '../language.js';
import { go } from '../router.js';
import { attempt, say } from '../toasts.js';

/**
 * The actions on an account. Dangerous ones ask first; those that cannot be undone ask for the
 * password too (api.js).
 *
 * @param {{ user: import('../../types.ts').User, changed: () => void }} props
 */
export function UserActions({ user, changed }) {
  const t = texts().user;
  const path = `users/${encodeURIComponent(user.id)}`;
  /**
   * @param {string} name
   * @param {string} done
   * @param {{ button: string, text: string, isDanger?: boolean }} [question]
   * @param {'POST' | 'DELETE'} [method]
   */
  const act =
    (name, done, question, method = 'POST') =>
    async () => {
      const title = t.sure(question?.button ?? '', user.email);
      if (question && !(await ask({ ...question, title }))) return;
      await attempt(() => call(`${path}/${name}`, { method }), done);
      changed();
    };
  const remove = async () => {
    const title = t.sure(t.remove, user.email);
    if (!(await ask({ title, text: t.removeText, button: t.remove, isDanger: true }))) return;
    if (await attempt(() => call(path, { method: 'DELETE' }), t.removed)) go('#/users');
  };
  const reset = async () => {
    const title = t.sure(t.reset, user.email);
    if (!(await ask({ title, text: t.resetText(user.email), button: t.reset }))) return;
    try {
      /** @type {import('../../types.ts').HandedOver} */
      const { link } = await call(`${path}/reset`, { method: 'POST' });
      if (link === undefined) say(t.resetDone(user.email));
      else await showSecret({ title: t.linkTitle, text: t.linkText(user.email), secret: link });
    } catch (error) {
      say(/** @type {Error} */ (error).message, { isBad: true });
    }
    changed();
  };
  const disable = { button: t.disable, text: t.disableText, isDanger: true };
  const grant = { button: t.grant, text: t.grantText, isDanger: true };
  const revoke = { button: t.revoke, text: t.revokeText, isDanger: true };
  return html`
    <button type="button" onClick=${act('unlock', t.unlocked)}>${t.unlock}</button>
    <button type="button" onClick=${reset}>${t.reset}</button>
    ${
      user.is_active
        ? html`<button type="button" onClick=${act('disable', t.disabledDone, disable)}>${t.disable}</button>`
        : html`<button type="button" class="main" onClick=${act('enable', t.enabledDone)}>${t.enable}</button>`
    }
    <details class="menu"><summary>${t.more}</summary><div>
      ${
        user.is_admin
          ? html`<button type="button" class="quiet" onClick=${act('admin', t.revoked, revoke, 'DELETE')}>${t.revoke}</button>`
          : html`<button type="button" class="quiet" onClick=${act('admin', t.granted, grant)}>${t.grant}</button>`
      }
      <button type="button" class="quiet bad" onClick=${remove}>${t.remove}</button>
    </div></details>`;
}
