import { html } from '../html.js';
import { texts } from '../language.js';
import { Screen } from '../ui/parts.js';
import { ApiKeys } from './api-keys.js';
import { SigningKeys } from './signing-keys.js';

/** Keys that sign tokens, and keys of programs. */
export const Keys = () =>
  html`<${Screen} title=${texts().keys.title}><${SigningKeys} /><${ApiKeys} /><//>`;
