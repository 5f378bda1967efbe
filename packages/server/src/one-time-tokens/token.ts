/** The texts of a mailed link and a mailed code, computed from a row and never stored. Pure. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { LIFETIMES_MS, type Purpose } from './purpose.ts';

/** The values that a token is bound to: if one of them changes, so does the token. */
export type TokenRow = {
  readonly id: number;
  readonly userId: number;
  readonly purpose: Purpose;
  /** The address it proves, in canonical form. */
  readonly address: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly expiresAt: number;
};

/** Derives a key of its own for each use from the service's secret (HKDF, RFC 5869). */
export type DeriveKey = (info: string) => Uint8Array;

const ID_BYTES = 6;
const MAC_BYTES = 32;
const LINK_TOKEN = /^[\w-]{51}$/;
const CODE_DIGITS = 8;

type Kind = 'link' | 'code';

const useOf = (kind: Kind, purpose: Purpose): string => `one-time-token ${kind} ${purpose}`;

/** The keys of all tokens by their use, for a thread that does not have the secret. */
export function allKeys(deriveKey: DeriveKey): ReadonlyMap<string, Uint8Array> {
  const purposes = Object.keys(LIFETIMES_MS) as Purpose[];
  const uses = purposes.flatMap((purpose) => [useOf('link', purpose), useOf('code', purpose)]);
  return new Map(uses.map((use) => [use, deriveKey(use)]));
}

const mac = (deriveKey: DeriveKey, kind: Kind, row: TokenRow): Buffer =>
  createHmac('sha256', deriveKey(useOf(kind, row.purpose)))
    .update(JSON.stringify([row.id, row.userId, row.address, row.createdAt, row.expiresAt]))
    .digest();

/** base64url(id ‖ HMAC): 51 characters. */
export function linkToken(deriveKey: DeriveKey, row: TokenRow): string {
  const id = Buffer.alloc(ID_BYTES);
  id.writeUIntBE(row.id, 0, ID_BYTES);
  return Buffer.concat([id, mac(deriveKey, 'link', row)]).toString('base64url');
}

/** Eight digits from a key of their own, so that a code does not reveal its link token. */
export function codeOf(deriveKey: DeriveKey, row: TokenRow): string {
  const number = mac(deriveKey, 'code', row).readBigUInt64BE() % 10n ** BigInt(CODE_DIGITS);
  return number.toString().padStart(CODE_DIGITS, '0');
}

/** The id of the row of a link token; `undefined` = not a token. Does not check the signature. */
export function readTokenId(token: string): number | undefined {
  if (!LINK_TOKEN.test(token)) return undefined;
  const bytes = Buffer.from(token, 'base64url');
  // One spelling per token, because texts that differ in the last character can decode to the same bytes.
  if (bytes.length !== ID_BYTES + MAC_BYTES || bytes.toString('base64url') !== token)
    return undefined;
  return bytes.readUIntBE(0, ID_BYTES);
}

/** Compares in constant time. */
export function isSame(expected: string, given: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(given)];
  return a.length === b.length && timingSafeEqual(a, b);
}
