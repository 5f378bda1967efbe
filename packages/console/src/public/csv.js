/** Tables as files for spreadsheets. */

/** Spreadsheets run a cell with such a beginning as a formula; an apostrophe makes it a text. */
const FORMULA = /^[=+\-@\t\r]/;

/** @param {unknown} value */
function cellOf(value) {
  const text = value === null || value === undefined ? '' : String(value);
  const safe = typeof value === 'string' && FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/**
 * RFC 4180.
 *
 * @param {readonly string[]} header
 * @param {readonly (readonly unknown[])[]} rows
 */
export const csvOf = (header, rows) =>
  [header, ...rows].map((row) => `${row.map(cellOf).join(',')}\r\n`).join('');

/**
 * @param {string} name of the file
 * @param {string} csv
 */
export function download(name, csv) {
  // The byte order mark tells spreadsheets that the file is UTF-8.
  const url = URL.createObjectURL(new Blob(['\ufeff', csv], { type: 'text/csv' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
