import { absolute, relative } from '../format.js';
import { html } from '../html.js';
import { createSignal } from '../signal.js';

const now = createSignal(Date.now());
setInterval(() => now.set(Date.now()), 30_000);

/**
 * A time as "how long ago"; pointing at it shows the exact time.
 *
 * @param {{ at: string | null, none?: string }} props
 */
export function Time({ at, none = '—' }) {
  const moment = now.use();
  if (at === null) return html`<span class="soft">${none}</span>`;
  const exact = absolute(at);
  return html`<time datetime=${at} title=${exact}>${relative(at, Math.max(moment, Date.now()))}</time>`;
}
