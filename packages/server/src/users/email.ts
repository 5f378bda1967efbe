/** E-mail addresses: shape and canonical form. Pure; policy in docs/decisions/004. */
import { domainToASCII } from 'node:url';

const MAX_BYTES = 254;
const MAX_LOCAL = 64;
const ATOM = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+$/;
const LABEL = /^(?!-)[a-z0-9-]{1,63}(?<!-)$/;
// Python's str.strip(): JavaScript's \s, the separators U+001C to U+001F and NEL, without U+FEFF.
const SPACE = '(?:[^\\S\\ufeff]|[\\x1c-\\x1f\\x85])+';
const SURROUNDING_SPACE = new RegExp(`^${SPACE}|${SPACE}$`, 'g');
// UTS-46 drops some of them, so two different texts would be one domain.
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/u;

/** The name under which request schemas ask for an address that `parseEmail` reads. */
export const ADDRESS = 'email-address';

export type Email = {
  /** As typed, without surrounding white space. */
  readonly typed: string;
  /** ASCII-lower(local) + "@" + UTS-46 domain: two spellings of one account are equal here. */
  readonly canonical: string;
};

/** The name under which attempts at an address are counted, whether it has an account or not. */
export const accountOf = (text: string): string => parseEmail(text)?.canonical ?? text;

/**
 * Reads an address: a dot-atom local part of at most 64 characters, one `@`, a domain of at least
 * two labels that is not an IP address; at most 254 bytes (RFC 5321 §4.5.3.1, without its quoted
 * strings and literals).
 *
 * @returns `undefined` when the text is no such address
 * @example parseEmail(' Alice@Bücher.example')?.canonical // 'alice@xn--bcher-kva.example'
 */
export function parseEmail(text: string): Email | undefined {
  // Length first, because the checks below must not run on a hostile amount of text.
  if (text.length > 4 * MAX_BYTES) return undefined;
  const typed = text.replace(SURROUNDING_SPACE, '');
  if (Buffer.byteLength(typed) > MAX_BYTES) return undefined;
  const at = typed.indexOf('@');
  if (at < 1 || at > MAX_LOCAL) return undefined;
  const local = typed.slice(0, at);
  if (!local.split('.').every((atom) => ATOM.test(atom))) return undefined;
  const domain = canonicalDomain(typed.slice(at + 1));
  if (domain === undefined) return undefined;
  const canonical = `${asciiLower(local)}@${domain}`;
  return canonical.length > MAX_BYTES ? undefined : { typed, canonical };
}

function canonicalDomain(text: string): string | undefined {
  // domainToASCII reads a host like a URL: it would decode "%62" and "0x7f.1" instead of refusing
  // them.
  if (/[\x00-\x2c/:-@[-`{-\x7f]/.test(text) || INVISIBLE.test(text)) return undefined;
  const domain = domainToASCII(text);
  const labels = domain.split('.');
  const isAddress = /^\d+$/.test(labels.at(-1) ?? '');
  // No top-level domain has one letter; Django refuses them too.
  if (
    labels.length < 2 ||
    labels.at(-1)?.length === 1 ||
    isAddress ||
    !labels.every((label) => LABEL.test(label))
  )
    return undefined;
  return domain;
}

// String.prototype.toLowerCase maps U+212A (KELVIN SIGN) to "k"; two accounts would become one.
const asciiLower = (text: string) => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

/** How a schema's format `ADDRESS` is checked. */
export const ADDRESS_FORMAT = { [ADDRESS]: (text: string) => parseEmail(text) !== undefined };
