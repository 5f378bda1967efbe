import { hash } from 'node:crypto';
import type { Origin } from '../audit/event.ts';
import { networkOf } from '../config/network-address.ts';

/** Of an HS256 signature in base64url. */
const MAC_LENGTH = 43;
/** 66 bits: two clients of one session do not meet by chance. */
const HASH_LENGTH = 11;

export type ClientHash = (by: Origin) => string;

/**
 * Tells clients of a session apart by network and user agent, in a form that says neither.
 *
 * @param sign JWS with the secret of all nodes; the key of the hash is a signature that is never sent
 */
export function createClientHash(sign: (claims: object) => string): ClientHash {
  let key: string | undefined;
  return ({ address = '', userAgent = '' }) => {
    key ??= sign({ purpose: 'client-hash' }).slice(-MAC_LENGTH);
    // The key is of fixed length and the hash is cut, so a prefix does what HMAC would, faster.
    const text = `${key}${networkOf(address)}\n${userAgent}`;
    return hash('sha256', text, 'base64url').slice(0, HASH_LENGTH);
  };
}
