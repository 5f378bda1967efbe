import { call } from './api.js';

/** Enough for a spreadsheet; for more there is `gatepass user list`. */
const MOST_ROWS = 20_000;

/** @param {string} path with a query @param {string} after */
const behind = (path, after) => (after ? `${path}&after=${encodeURIComponent(after)}` : path);

/**
 * The next page with rows, or the last page: a search among many accounts may return no rows but a `next`.
 *
 * @template {{ next?: string }} Page
 * @param {string} path with a query
 * @param {(page: Page) => readonly unknown[]} rowsOf
 * @param {AbortSignal} [signal]
 * @returns {Promise<Page>}
 */
export async function pageOf(path, rowsOf, signal) {
  /** @type {Page} */
  let page = await call(path, signal ? { signal } : {});
  while (page.next && rowsOf(page).length === 0)
    page = await call(behind(withoutAfter(path), page.next), signal ? { signal } : {});
  return page;
}

/** @param {string} path */
const withoutAfter = (path) => path.replace(/&after=[^&]*|(?<=\?)after=[^&]*&/, '');

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
  while (rows.length < MOST_ROWS) {
    /** @type {{ next?: string } & Record<Name, Row[]>} */
    const read = await call(behind(path, after));
    rows.push(...read[name]);
    if (!read.next) break;
    after = read.next;
  }
  return rows;
}
