import { call } from '../api.js';
import { ask } from '../dialogs.js';
import { html } from '../html.js';
import { texts } from '../language.js';
import { attempt } from '../toasts.js';
import { Loaded, useLoad } from '../ui/load.js';
import { Card, Empty } from '../ui/parts.js';
import { Time } from '../ui/time.js';

/** @typedef {import('../../types.ts').Factor} Factor */
/** @typedef {import('../../types.ts').Factors} Factors */

/** @param {{ user: import('../../types.ts').User, changed: () => void }} props */
export function UserFactors({ user, changed }) {
  const t = texts().user;
  const path = `users/${encodeURIComponent(user.id)}/factors`;
  /** @type {import('../ui/load.js').Loading<Factors>} */
  const loading = useLoad(path, (signal) => call(path, { signal }));
  const remove = async (/** @type {Factor} */ { id, name }) => {
    const question = { title: t.sure(t.removeFactor, name), text: t.removeFactorText };
    if (!(await ask({ ...question, button: t.removeFactor, isDanger: true }))) return;
    await attempt(() => call(`${path}/${id}`, { method: 'DELETE' }), t.factorRemoved);
    loading.reload();
    changed();
  };
  return html`<${Card} title=${t.factors}><${Loaded} loading=${loading}>${
    /** @param {Factors} data */ ({ factors, recovery_codes_left }) =>
      factors.length === 0
        ? html`<${Empty}>${t.noFactors}<//>`
        : html`<ul class="plain">${factors.map(
            (factor) => html`<li key=${factor.id}><b>${factor.name}</b> <code>${factor.type}</code>
              <div class="soft">${t.used}: <${Time} at=${factor.last_used_at ?? null}
                none=${texts().common.never} /></div>
              <button type="button" class="quiet bad" onClick=${() => remove(factor)}
                aria-label=${t.sure(t.removeFactor, factor.name)}>${t.removeFactor}</button></li>`,
          )}</ul><p class="soft">${t.codesLeft(recovery_codes_left)}</p>`
  }<//><//>`;
}
