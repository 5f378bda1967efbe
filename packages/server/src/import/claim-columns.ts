/** Which columns of a source become claims, and what their values are there. Pure. */

export type ClaimColumn = { readonly column: string; readonly claim: string };

/** The names of the groups that a user of Django is in; no column of the users' table. */
export const GROUPS = 'groups';

const DJANGO_BOOLEANS = ['is_staff', 'is_superuser', 'is_active'];

type Values = Readonly<Record<string, unknown>>;

/**
 * What a row says, by claim. NULL, an empty text and an empty list are left out.
 *
 * @param booleans columns whose 0 and 1 mean false and true
 */
export function claimsOfRow(
  columns: readonly ClaimColumn[],
  row: Values,
  booleans: readonly string[] = [],
): Values | undefined {
  if (columns.length === 0) return undefined;
  const claims: Record<string, unknown> = {};
  for (const { column, claim } of columns) {
    const isBoolean = DJANGO_BOOLEANS.includes(column) || booleans.includes(column);
    const value = claimValue(row[column], isBoolean);
    if (value !== undefined) claims[claim] = value;
  }
  return claims;
}

function claimValue(value: unknown, isBoolean: boolean): unknown {
  if (value === null || value === undefined || value === '') return undefined;
  if (Array.isArray(value) && value.length === 0) return undefined;
  if (value instanceof Date) return value.toISOString();
  if (!isBoolean) return value;
  const text = String(value).toLowerCase();
  if (['1', 'true', 't'].includes(text)) return true;
  return ['0', 'false', 'f'].includes(text) ? false : value;
}

/** A text of a CSV file: JSON where it is a list or an object, else as it is. */
export function jsonOrText(text: string | undefined): unknown {
  if (text === undefined || !/^\s*[[{]/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
