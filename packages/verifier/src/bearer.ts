/** A token, or why there is none: `missing` means no header, or one of another scheme. */
export type BearerResult =
  | { readonly token: string }
  | { readonly refused: 'missing' | 'malformed' };

const MISSING = Object.freeze({ refused: 'missing' } as const);
const MALFORMED = Object.freeze({ refused: 'malformed' } as const);

// What Python's bytes.split() splits on. Not \s: a no-break space is part of a word.
const WORDS = /[^ \t\n\v\f\r]+/g;

const BEARER = ['Bearer'];

/**
 * Reads an `Authorization` header (RFC 6750 §2.1) the way Django SimpleJWT does, except that the
 * scheme is case-insensitive (RFC 9110 §11.1). Never throws; the token is not verified.
 *
 * @param header the header's value, undefined when absent
 * @param schemes what may stand before the token, `Bearer` unless given (SimpleJWT's
 *   AUTH_HEADER_TYPES)
 * @returns `{ token }`; `{ refused: 'missing' }` for no header, an empty one or another scheme;
 *   `{ refused: 'malformed' }` for such a scheme with anything but one word after it
 * @example
 * parseBearer('Bearer abc'); // { token: 'abc' }
 * parseBearer('Basic abc'); // { refused: 'missing' }
 * parseBearer('Bearer'); // { refused: 'malformed' }
 */
export function parseBearer(
  header: string | undefined,
  schemes: readonly string[] = BEARER,
): BearerResult {
  const [scheme, token, surplus] = header?.match(WORDS) ?? [];
  if (scheme === undefined) return MISSING;
  const given = scheme.toLowerCase();
  if (!schemes.some((each) => each.toLowerCase() === given)) return MISSING;
  if (token === undefined || surplus !== undefined) return MALFORMED;
  return { token };
}
