/** The URL determines what is shown: `#/users?q=ann`. The back button goes through screens and filters. */
import { createSignal } from './signal.js';

/** @typedef {{ readonly parts: readonly string[], readonly query: URLSearchParams }} Route */

/** @returns {Route} */
function read() {
  const [path = '', query = ''] = location.hash.replace(/^#\/?/, '').split('?');
  return { parts: path.split('/').map(decode).filter(Boolean), query: new URLSearchParams(query) };
}

/** @param {string} part */
function decode(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

const route = createSignal(read());
addEventListener('hashchange', () => route.set(read()));

export const useRoute = route.use;

/** @typedef {Readonly<Record<string, string | number | undefined>>} Query */

/**
 * The address of a screen; empty filters are left out.
 *
 * @param {readonly (string | number)[]} parts
 * @param {Query} [query]
 */
export function linkTo(parts, query = {}) {
  const chosen = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
  const search = new URLSearchParams(chosen.map(([name, value]) => [name, String(value)]));
  const path = parts.map((part) => encodeURIComponent(part)).join('/');
  return `#/${path}${search.size > 0 ? `?${search}` : ''}`;
}

/**
 * Changes filters of the screen and returns to its first page.
 *
 * @param {Query} changes
 * @param {{ replace?: boolean }} [how] `replace` leaves no step for the back button
 */
export function filter(changes, { replace = false } = {}) {
  const { parts, query } = route.get();
  const { after: _, ...kept } = Object.fromEntries(query);
  const address = linkTo(parts, { ...kept, ...changes });
  if (!replace) {
    location.hash = address;
    return;
  }
  history.replaceState(null, '', address);
  route.set(read());
}

/** @param {string} address of `linkTo` */
export function go(address) {
  location.hash = address;
}
