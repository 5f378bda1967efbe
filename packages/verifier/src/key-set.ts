import type { Algorithm } from './algorithms.ts';
import { VerificationKey } from './key.ts';

/** A key found for a token, with the one algorithm it verifies. */
export type KeySetMatch = { readonly key: VerificationKey; readonly algorithm: Algorithm };

/** Looks keys up by the header's `kid`, which is any JSON value, or undefined when absent. */
export interface KeySet {
  /** @returns undefined for an unknown `kid`, and for an absent one without a default key */
  find(kid: unknown): KeySetMatch | undefined;
}

/** A key for `createKeySet`. `default: true`, or no `kid`, marks the key of tokens that carry no `kid`. */
export type KeySetEntry = {
  readonly kid?: string;
  readonly key: VerificationKey;
  readonly default?: boolean;
};

/**
 * Builds the key look-up of `verifyToken` (RFC 7515 §4.1.4): a `kid` is compared as a string, in a
 * Map and nowhere else. A token without `kid` gets the default entry; one with an unknown `kid`
 * gets none, not the default.
 *
 * @param entries one per key; at most one default
 * @throws {TypeError} for a `kid` given twice, two defaults, or a key that was not imported
 * @example
 * const keys = createKeySet([
 *   { kid: '2026-05', key: importSecret(secret), default: true },
 *   { kid: '2026-04', key: importSecret(oldSecret) },
 * ]);
 */
export function createKeySet(entries: readonly KeySetEntry[]): KeySet {
  const byKid = new Map<string, KeySetMatch>();
  let fallback: KeySetMatch | undefined;
  for (const { kid, key, default: isDefault } of entries) {
    if (!(key instanceof VerificationKey)) throw new TypeError('A key was not imported');
    const match = Object.freeze({ key, algorithm: key.algorithm });
    if (kid !== undefined) {
      if (typeof kid !== 'string') throw new TypeError('A kid is a string');
      if (byKid.has(kid)) throw new TypeError('Two keys have the same kid');
      byKid.set(kid, match);
    }
    if (kid === undefined || isDefault) {
      if (fallback) throw new TypeError('Two keys are the default');
      fallback = match;
    }
  }
  return Object.freeze({
    find(kid: unknown) {
      if (kid === undefined) return fallback;
      return typeof kid === 'string' ? byKid.get(kid) : undefined;
    },
  });
}
