/** The columns of a source that become claims, and their values. Pure. */

export type ClaimColumn = { readonly column: string; readonly claim: string };

/** The names of a Django user's groups, which are not a column of the users' table. */
export const GROUPS = 'groups';

const DJANGO_BOOLEANS = ['is_staff', 'is_superuser', 'is_active'];

type Values = Readonly<Record<string, unknown>>;

/**
 * Makes a reader of a row's claims, by name. NULL, an empty text and an empty list are left out.
 *
 * @param columns `alias` is the name of the column in the row, if it differs
 * @param booleans columns whose 0 and 1 mean false and true
 */
export function createClaimReader(
  columns: readonly (ClaimColumn & { readonly alias?: string })[],
  booleans: readonly string[] = [],
) {
  const plan = columns.map(({ column, claim, alias = column }) => {
    const isBoolean = DJANGO_BOOLEANS.includes(column) || booleans.includes(column);
    return { claim, alias, readAs: isBoolean ? readBoolean : readValue };
  });
  return (row: Values): Record<string, unknown> => {
    const claims: Record<string, unknown> = {};
    for (const { claim, alias, readAs } of plan) {
      const value = readAs(row[alias]);
      if (value !== undefined) claims[claim] = value;
    }
    return claims;
  };
}

function readBoolean(value: unknown): unknown {
  if (value === 0 || value === 1) return value === 1;
  const text = typeof value === 'string' ? value.toLowerCase() : value;
  if (text === '1' || text === 'true' || text === 't') return true;
  return text === '0' || text === 'false' || text === 'f' ? false : readValue(value);
}

function readValue(value: unknown): unknown {
  if (value === null || value === undefined || value === '') return undefined;
  if (Array.isArray(value) && value.length === 0) return undefined;
  return value instanceof Date ? value.toISOString() : value;
}

/** A text of a CSV file: parsed if it is a list or an object in JSON, else as it is. */
export function jsonOrText(text: string | undefined): unknown {
  if (text === undefined || !/^\s*[[{]/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
