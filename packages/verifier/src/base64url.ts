// Canonical base64url (RFC 4648 §5, RFC 7515 §2): no padding, no whitespace, and the unused bits of
// the last character are zero, so that n bytes have exactly one spelling.

/** The alphabet, as a regular expression class. */
export const BASE64URL_CHARACTER = '[A-Za-z0-9_-]';

const onlyAlphabet = new RegExp(`^${BASE64URL_CHARACTER}*$`);
const FOUR_UNUSED_BITS_ZERO = 'AQgw';
const TWO_UNUSED_BITS_ZERO = 'AEIMQUYcgkosw048';

/** The bytes of a canonical text, or undefined for any other. */
export function decodeBase64url(text: string): Buffer | undefined {
  return onlyAlphabet.test(text) ? decodeAlphabetic(text) : undefined;
}

/** As `decodeBase64url`, for a text already known to hold characters of the alphabet only. */
export function decodeAlphabetic(text: string): Buffer | undefined {
  return hasCanonicalEnd(text) ? Buffer.from(text, 'base64url') : undefined;
}

function hasCanonicalEnd(text: string): boolean {
  const last = text.charAt(text.length - 1);
  switch (text.length % 4) {
    case 0:
      return true;
    case 2:
      return FOUR_UNUSED_BITS_ZERO.includes(last);
    case 3:
      return TWO_UNUSED_BITS_ZERO.includes(last);
    default:
      return false;
  }
}
