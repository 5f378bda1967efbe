import { hash } from 'node:crypto';
import type { Origin } from '../audit/event.ts';
import { networkOf } from '../config/network-address.ts';

/** 66 bits: two clients of one session do not collide by chance. */
const HASH_LENGTH = 11;

export type ClientHash = (by: Origin) => string;

/**
 * Distinguishes the clients of a session by network and user agent, without revealing either.
 *
 * @param deriveKey a key of its own from the secret that all nodes share
 */
export function createClientHash(deriveKey: (info: string) => Uint8Array): ClientHash {
  let key: string | undefined;
  return ({ address = '', userAgent = '' }) => {
    key ??= Buffer.from(deriveKey('client-hash')).toString('base64url');
    // The key has a fixed length and the hash is truncated, so a prefix is as safe as HMAC, and
    // faster.
    const text = `${key}${networkOf(address)}\n${userAgent}`;
    return hash('sha256', text, 'base64url').slice(0, HASH_LENGTH);
  };
}
