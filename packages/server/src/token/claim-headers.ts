import type { ForwardedClaim } from '../config/claim-settings.ts';

/** The value for a missing claim. Not empty, because a proxy might then pass the client's own header on. */
const NO_CLAIM = '-';
/** A text that is sent as it is, because it cannot be read as JSON. */
const PLAIN = /^(?!(?:true|false|null)$)[A-Za-z](?:[\x20-\x7e]*[\x21-\x7e])?$/;

/**
 * The headers in which forward authentication passes claims on: a text that begins with a letter is
 * sent as it is, everything else as JSON in ASCII, so that no value can pass for another or end its
 * header.
 */
export function claimHeaders(
  forwarded: readonly ForwardedClaim[],
  claims: Readonly<Record<string, unknown>>,
): [header: string, value: string][] {
  return forwarded.map(({ name, header }) => [
    header,
    Object.hasOwn(claims, name) ? textOf(claims[name]) : NO_CLAIM,
  ]);
}

const textOf = (value: unknown): string =>
  typeof value === 'string' && PLAIN.test(value) ? value : asciiJson(value);

const asciiJson = (value: unknown): string =>
  JSON.stringify(value).replace(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
