import { html } from '../html.js';

/**
 * @template Row
 * @typedef {object} Column
 * @property {string} label
 * @property {(row: Row) => unknown} cell
 * @property {string} [kind] a class
 * @property {'ascending' | 'descending' | 'none'} [order] of a column that can be sorted by
 * @property {() => void} [sort]
 */

/**
 * A table; on a phone each row is a card with labelled cells.
 *
 * @template Row
 * @param {object} props
 * @param {string} props.caption said to screen readers
 * @param {readonly Column<Row>[]} props.columns
 * @param {readonly Row[]} props.rows
 * @param {(row: Row) => string | number} props.keyOf
 */
export function Table({ caption, columns, rows, keyOf }) {
  return html`<table>
    <caption class="unseen">${caption}</caption>
    <thead><tr>${columns.map(headOf)}</tr></thead>
    <tbody>${rows.map(
      (row) =>
        html`<tr key=${keyOf(row)}>${columns.map(
          ({ label, kind = '', cell }) =>
            html`<td class=${kind} data-label=${label}>${cell(row)}</td>`,
        )}</tr>`,
    )}</tbody>
  </table>`;
}

/** @param {Column<never>} column */
function headOf({ label, kind = '', order, sort }) {
  if (!sort) return html`<th scope="col" class=${kind}>${label}</th>`;
  return html`<th scope="col" class=${kind} aria-sort=${order}>
    <button type="button" class="sort" onClick=${sort}>${label}</button></th>`;
}
