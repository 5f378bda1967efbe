import { html } from '../html.js';
import { useToasts } from '../toasts.js';

export function Toasts() {
  const toasts = useToasts();
  const lines = toasts.map(
    ({ id, text, isBad }) => html`<p key=${id} class=${isBad ? 'toast bad' : 'toast'}>${text}</p>`,
  );
  return html`<div class="toasts" role="status" aria-live="polite">${lines}</div>`;
}
