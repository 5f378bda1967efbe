/** Tells a random secret from a typed or copied one (RFC 8725 §3.5, RFC 7518 §3.2). Pure. */

const MIN_BYTES = 32;
const MIN_DISTINCT_CHARACTERS = 10;

// Long enough to pass the length rule, and printed in the documentation of half the field.
const PUBLISHED = [
  'an example of 32 bytes, do not use it anywhere',
  'a-string-secret-at-least-256-bits-long',
  'your-256-bit-secret-your-256-bit-secret',
  'your-super-secret-jwt-token-with-at-least-32-characters-long',
  'super-secret-jwt-token-with-at-least-32-characters-long',
  'AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow',
];

const isRepetition = (text: string) => (text + text).indexOf(text, 1) < text.length;

const isSequence = (text: string) => {
  let steps = 0;
  for (let i = 1; i < text.length; i++) {
    if (Math.abs(text.charCodeAt(i) - text.charCodeAt(i - 1)) === 1) steps++;
  }
  return steps > text.length / 2;
};

const ADVICE = 'make one with: openssl rand -hex 32';

/** Why the secret is weak, worded to follow the variable's name; `undefined` = it will do. */
export function secretFault(secret: string): string | undefined {
  const weakness = weaknessOf(secret);
  return weakness === undefined ? undefined : `${weakness}: ${ADVICE}`;
}

function weaknessOf(secret: string): string | undefined {
  if (Buffer.byteLength(secret) < MIN_BYTES) return `is shorter than ${MIN_BYTES} bytes`;
  if (PUBLISHED.includes(secret)) return 'is printed in public documentation';
  if (new Set(secret).size < MIN_DISTINCT_CHARACTERS || isRepetition(secret) || isSequence(secret))
    return 'is guessable (it repeats itself or follows a pattern)';
  return undefined;
}

/** Why a text is no master key of 32 random bytes, in hex or base64url; `undefined` = it is one. */
export function masterKeyFault(text: string): string | undefined {
  if (!/^(?:[0-9a-f]{64}|[0-9A-F]{64}|[\w-]{43}=?)$/.test(text))
    return `is not 32 bytes in hex (64 digits) or base64url (43 characters): ${ADVICE}`;
  return secretFault(text);
}
