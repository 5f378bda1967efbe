import { html } from '../html.js';
import { texts } from '../language.js';
import { Badge } from '../ui/parts.js';

/** @param {import('../../types.ts').User} user */
export function StateOf({ is_active, is_admin, email_verified_at }) {
  const t = texts().user;
  return html`<span class="badges">
    ${is_active ? html`<${Badge} kind="good">${t.active}<//>` : html`<${Badge} kind="bad">${t.disabled}<//>`}
    ${is_admin && html`<${Badge} kind="warn">${t.admin}<//>`}
    ${email_verified_at === null && html`<${Badge}>${t.unverified}<//>`}</span>`;
}
