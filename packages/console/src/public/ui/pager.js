import { html } from '../html.js';
import { texts } from '../language.js';
import { linkTo } from '../router.js';

/**
 * Links to other pages of a list; the back button leads to the one before.
 *
 * @param {{ parts: readonly string[], query: URLSearchParams, next: string | undefined }} props
 */
export function Pager({ parts, query, next }) {
  const t = texts().common;
  const { after, ...kept } = Object.fromEntries(query);
  return html`<nav class="pager" aria-label=${t.pages}>
    ${after && html`<a class="button" href=${linkTo(parts, kept)}>${t.first}</a>`}
    ${next && html`<a class="button" href=${linkTo(parts, { ...kept, after: next })}>${t.next}</a>`}
  </nav>`;
}
