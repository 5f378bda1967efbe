import { html } from '../html.js';

const PATHS = {
  gate: 'M5 20V10a7 7 0 0 1 14 0v10M9.5 20v-6.5h5V20M3 20h18',
  overview: 'M4 20V10M10 20V4M16 20v-7M22 20H2',
  users:
    'M9 11a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM2 21a7 7 0 0 1 14 0M16 3.5a4 4 0 0 1 0 7.5M18 14.5a7 7 0 0 1 4 6.5',
  audit: 'M6 3h9l4 4v14H6zM9 11h7M9 15h7M9 7h3',
  keys: 'M8 19a5 5 0 1 0 0-10 5 5 0 0 0 0 10ZM11.5 10.5 20 2M16 6l3 3',
  system: 'M4 6h10M18 6h2M4 12h2M10 12h10M4 18h8M16 18h4M16 4v4M8 10v4M14 16v4',
};

/** An icon beside a text with the same meaning. @param {{ name: keyof typeof PATHS }} props */
export const Icon = ({ name }) =>
  html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d=${PATHS[name]} /></svg>`;
