/** Pages of the admin API: their size, and the cursor after which the next page begins. */
import { invalidFields } from '../errors.ts';
import type { RequestView } from '../http/action.ts';
import { text } from '../http/openapi/schema.ts';
import { notAChoice } from '../http/refusals.ts';

const MOST = 100;
const DEFAULT = 50;

export const PAGE_QUERY = {
  limit: {
    description: 'Rows of a page',
    schema: { type: 'integer', minimum: 1, maximum: MOST, default: DEFAULT },
  },
  after: { description: '`next` of the page before', schema: text },
} as const;

const refuse = (field: string, value: string) => invalidFields({ [field]: [notAChoice(value)] });

/** A query parameter that must be one of a list, if present. @throws {Refusal} `invalid_fields` */
export function choice<const T extends string>(
  request: Pick<RequestView, 'query'>,
  name: string,
  choices: readonly T[],
): T | undefined {
  const given = request.query(name);
  const chosen = choices.find((each) => each === given);
  if (given !== undefined && chosen === undefined) throw refuse(name, given);
  return chosen;
}

export function sizeOf(request: Pick<RequestView, 'query'>): number {
  const given = request.query('limit');
  if (given === undefined) return DEFAULT;
  const size = /^\d{1,3}$/.test(given) ? Number(given) : 0;
  if (size < 1 || size > MOST) throw refuse('limit', given);
  return size;
}

/** A query parameter that is a time, in epoch milliseconds. */
export function momentOf(request: Pick<RequestView, 'query'>, name: string): number | undefined {
  const given = request.query(name);
  if (given === undefined) return undefined;
  const moment = Date.parse(given);
  if (Number.isNaN(moment)) throw refuse(name, given);
  return moment;
}

/** The sort value of a page's last row, and that row's id. */
export type Cursor = { readonly value: string | number; readonly id: number };

export const cursorText = ({ value, id }: Cursor): string =>
  Buffer.from(JSON.stringify([value, id])).toString('base64url');

/** @param kind the type of the value: a cursor of another order is invalid */
export function cursorOf(
  request: Pick<RequestView, 'query'>,
  kind: 'string' | 'number',
): Cursor | undefined {
  const given = request.query('after');
  if (given === undefined) return undefined;
  const [value, id] = parse(given);
  const isValue =
    typeof value === kind && (typeof value === 'string' || Number.isSafeInteger(value));
  if (!isValue || !Number.isSafeInteger(id)) throw refuse('after', given);
  return { value: value as string | number, id: Number(id) };
}

function parse(given: string): readonly unknown[] {
  try {
    const read: unknown = JSON.parse(Buffer.from(given, 'base64url').toString());
    return Array.isArray(read) ? read : [];
  } catch {
    return [];
  }
}
