import { hash } from 'node:crypto';
import type { Origin } from '../audit/event.ts';
import { networkOf } from '../config/network-address.ts';

/** 66 bits: two clients of one session do not meet by chance. */
const HASH_LENGTH = 11;

export type ClientHash = (by: Origin) => string;

/**
 * Tells clients of a session apart by network and user agent, in a form that says neither.
 *
 * @param deriveKey a key of its own from the secret that all nodes share
 */
export function createClientHash(deriveKey: (info: string) => Uint8Array): ClientHash {
  let key: string | undefined;
  return ({ address = '', userAgent = '' }) => {
    key ??= Buffer.from(deriveKey('client-hash')).toString('base64url');
    // The key is of fixed length and the hash is cut, so a prefix does what HMAC would, faster.
    const text = `${key}${networkOf(address)}\n${userAgent}`;
    return hash('sha256', text, 'base64url').slice(0, HASH_LENGTH);
  };
}
