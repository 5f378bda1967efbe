/** The login of this tab, which other tabs and other ports of the host cannot see (decision 100). */
import { createSignal } from './signal.js';

const NAME = 'gatepass.admin';

/** @typedef {'' | 'ended' | 'left'} Ending why there is no login any more */

const token = createSignal(sessionStorage.getItem(NAME) ?? '');
/** @type {Ending} */
let ending = '';

export const session = {
  token: token.get,
  use: token.use,
  /** @param {string} text */
  begin(text) {
    ending = '';
    sessionStorage.setItem(NAME, text);
    token.set(text);
  },
  /** @param {Ending} why */
  end(why) {
    ending = why;
    sessionStorage.removeItem(NAME);
    token.set('');
  },
  ending: () => ending,
};
