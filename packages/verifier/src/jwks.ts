import type { Algorithm } from './algorithms.ts';
import { KeyError } from './errors.ts';
import { importJwk } from './jwk.ts';
import { createKeySet, type KeySet, type KeySetEntry } from './key-set.ts';

/** A key of a JWKS that verifies nothing here, and why: a `KeyError` reason or one of these. */
export type SkippedKey = { readonly kid: string | undefined; readonly reason: string };

export type Jwks = {
  readonly keys: KeySet;
  readonly kids: readonly string[];
  readonly skipped: readonly SkippedKey[];
};

export const ASYMMETRIC: readonly Algorithm[] = [
  ...(['EdDSA', 'ES256', 'ES384', 'ES512', 'RS256', 'RS384', 'RS512'] as const),
  ...(['PS256', 'PS384', 'PS512'] as const),
];

const MAX_KEYS = 100;
const MAX_KID_LENGTH = 256;
// RFC 7517 §4.4: "alg" is optional. The one algorithm of a curve; for RSA the one everybody means.
const ALGORITHM_OF = new Map<unknown, Algorithm>([
  ['Ed25519', 'EdDSA'],
  ['P-256', 'ES256'],
  ['P-384', 'ES384'],
  ['P-521', 'ES512'],
  ['RSA', 'RS256'],
]);

/**
 * Reads a JWK Set (RFC 7517 §5). A key is used for one algorithm or not at all: one that is
 * symmetric, private, weak, without `kid`, for another use or under a `kid` that stands twice is
 * skipped, never bent.
 *
 * @throws {Error} when the document is no JWK Set
 */
export function readJwks(document: unknown, algorithms: readonly Algorithm[]): Jwks {
  const list = isObject(document) ? document['keys'] : undefined;
  if (!Array.isArray(list)) throw new Error('The answer is not a JWK Set');
  if (list.length > MAX_KEYS) throw new Error(`The JWK Set has more than ${MAX_KEYS} keys`);
  const kids = list.map((jwk) => (isObject(jwk) ? jwk['kid'] : undefined));
  const entries: (KeySetEntry & { kid: string })[] = [];
  const skipped: SkippedKey[] = [];
  list.forEach((jwk: unknown, i) => {
    const kid = kids[i];
    const isUsable = typeof kid === 'string' && kid !== '' && kid.length <= MAX_KID_LENGTH;
    if (!isObject(jwk) || !isUsable) {
      skipped.push({ kid: undefined, reason: 'no_kid' });
    } else if (kids.indexOf(kid) !== kids.lastIndexOf(kid)) {
      skipped.push({ kid, reason: 'duplicate_kid' });
    } else {
      try {
        entries.push({ kid, key: importJwk(jwk, algorithmOf(jwk, algorithms)) });
      } catch (error) {
        if (!(error instanceof KeyError)) throw error;
        skipped.push({ kid, reason: error.reason });
      }
    }
  });
  return { keys: createKeySet(entries), kids: entries.map(({ kid }) => kid), skipped };
}

function algorithmOf(jwk: Record<string, unknown>, algorithms: readonly Algorithm[]): Algorithm {
  const { kty, crv, alg } = jwk;
  const named = alg ?? ALGORITHM_OF.get(kty === 'RSA' ? kty : crv);
  const algorithm = algorithms.find((each) => each === named);
  if (algorithm) return algorithm;
  throw new KeyError('wrong_algorithm', 'The key is for no accepted algorithm');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
