import { html } from '../html.js';
import { texts } from '../language.js';
import { say } from '../toasts.js';
import { useEffect, useRef } from '../vendor/hooks.js';

/** @typedef {import('../../types.ts').Drawn} Drawn */

let isFirst = true;

/**
 * A screen. From the second one on, its title gets the focus, so that a screen reader announces it.
 *
 * @param {{ title: string, actions?: Drawn, lead?: Drawn, children: Drawn }} props
 */
export function Screen({ title, actions, lead, children }) {
  /** @type {{ current: HTMLElement | null }} */
  const heading = useRef(null);
  useEffect(() => {
    if (!isFirst) heading.current?.focus();
    isFirst = false;
  }, []);
  useEffect(() => {
    document.title = `${title} · Gatepass`;
  }, [title]);
  return html`<header class="screen"><h1 ref=${heading} tabindex="-1">${title}</h1>${lead}
      <div class="actions">${actions}</div></header>${children}`;
}

/** @param {{ title: string, actions?: Drawn, children: Drawn, kind?: string }} props */
export const Card = ({ title, actions, children, kind = '' }) =>
  html`<section class=${`card ${kind}`} aria-label=${title}><header><h2>${title}</h2>
      <div class="actions">${actions}</div></header>${children}</section>`;

/** @param {{ kind?: 'good' | 'bad' | 'warn' | 'soft', children: Drawn }} props */
export const Badge = ({ kind = 'soft', children }) =>
  html`<span class=${`badge ${kind}`}>${children}</span>`;

/** @param {{ children: Drawn }} props */
export const Empty = ({ children }) => html`<p class="empty">${children}</p>`;

/**
 * A text with a button that copies it.
 *
 * @param {{ text: string }} props
 */
export function Copy({ text }) {
  const t = texts().common;
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => say(t.copied),
      () => say(t.notCopied, { isBad: true }),
    );
  return html`<button type="button" class="quiet" onClick=${copy}>${t.copy}</button>`;
}
