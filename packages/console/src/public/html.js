import htm from './vendor/htm.js';
import { h } from './vendor/preact.js';

/** Markup as a tagged template: inserted values become text or attributes, never markup. */
export const html = htm.bind(h);
