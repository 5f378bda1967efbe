import { html } from '../html.js';
import { useEffect, useRef, useState } from '../vendor/hooks.js';

const PAUSE_MS = 250;

/**
 * Searches when typing pauses.
 *
 * @param {{ label: string, value: string, set: (value: string) => void }} props
 */
export function SearchField({ label, value, set }) {
  const [typed, setTyped] = useState(value);
  const timer = useRef(0);
  // The URL changed otherwise: by the back button, or by the search of the frame.
  useEffect(() => setTyped(value), [value]);
  /** @param {InputEvent} event */
  const type = (event) => {
    const text = /** @type {HTMLInputElement} */ (event.currentTarget).value;
    setTyped(text);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => set(text.trim()), PAUSE_MS);
  };
  useEffect(() => () => clearTimeout(timer.current), []);
  return html`<label class="field search">${label}
    <input type="search" value=${typed} onInput=${type} autocomplete="off" spellcheck=${false} /></label>`;
}

/**
 * @param {object} props
 * @param {string} props.label
 * @param {string} props.value
 * @param {(value: string) => void} props.set
 * @param {boolean} [props.isBare] the label is only for screen readers
 * @param {readonly (readonly [string, string])[]} props.choices values and their labels
 */
export function Select({ label, value, set, choices, isBare = false }) {
  /** @param {Event} event */
  const change = (event) => set(/** @type {HTMLSelectElement} */ (event.currentTarget).value);
  return html`<label class="field"><span class=${isBare ? 'unseen' : ''}>${label}</span>
    <select value=${value} onChange=${change}>${choices.map(
      ([each, name]) =>
        html`<option key=${each} value=${each} selected=${each === value}>${name}</option>`,
    )}</select></label>`;
}
