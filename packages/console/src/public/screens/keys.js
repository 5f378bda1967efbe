import { html } from '../html.js';
import { texts } from '../language.js';
import { Screen } from '../ui/parts.js';
import { ApiKeys } from './api-keys.js';

/** Keys of programs, and keys that sign tokens. */
export const Keys = () => html`<${Screen} title=${texts().keys.title}><${ApiKeys} /><//>`;
