import htm from './vendor/htm.js';
import { h } from './vendor/preact.js';

/** Markup as a tagged template: whatever is put into it is text or an attribute, never markup. */
export const html = htm.bind(h);
