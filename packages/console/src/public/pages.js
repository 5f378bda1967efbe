import { call } from './api.js';

/** Enough for a spreadsheet; more is a matter of `gatepass user list`. */
const MOST_PAGES = 200;

/**
 * All rows of a list, page by page.
 *
 * @template {string} Name
 * @template Row
 * @param {string} path with a query
 * @param {Name} name of the list in a response
 * @returns {Promise<Row[]>}
 */
export async function pagesOf(path, name) {
  /** @type {Row[]} */
  const rows = [];
  let after = '';
  for (let page = 0; page < MOST_PAGES; page++) {
    /** @type {{ next?: string } & Record<Name, Row[]>} */
    const read = await call(after ? `${path}&after=${encodeURIComponent(after)}` : path);
    rows.push(...read[name]);
    if (!read.next) break;
    after = read.next;
  }
  return rows;
}
