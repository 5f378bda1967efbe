/**
 * The public id of an account: its integer, or the UUID that stands in its place, in lower
 * case. Pure.
 */
export type PublicId = number | string;

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const isUuid = (text: string): boolean => UUID.test(text);

/**
 * Reads an id as tokens have it. SimpleJWT 5.5 writes integers as text, 5.2 as numbers.
 *
 * @returns `undefined` for what is neither a UUID nor a canonical positive integer
 */
export function readPublicId(value: unknown): PublicId | undefined {
  if (typeof value === 'string' && isUuid(value)) return value;
  const id = typeof value === 'string' && /^[1-9]\d{0,15}$/.test(value) ? Number(value) : value;
  return typeof id === 'number' && Number.isSafeInteger(id) && id > 0 ? id : undefined;
}
