import { type ClaimOptions, parseClaims, type TokenClaims, validateClaims } from './claims.ts';
import { TokenError } from './errors.ts';
import {
  type JwsHeader,
  MAX_TOKEN_LENGTH,
  parseCompactJws,
  type UnverifiedJws,
  verifySignature,
} from './jws.ts';
import type { KeySet, KeySetMatch } from './key-set.ts';
import { createTokenCache, placeOf, type TokenCache } from './token-cache.ts';

type Verified = { readonly header: JwsHeader; readonly claims: TokenClaims };
type Seen = Verified & { readonly match: KeySetMatch };

/** Tokens whose signature has been verified, and with which key. */
export type SeenTokens = TokenCache<Seen>;

/** What to verify with, beside what the claims must satisfy. */
export type VerifyOptions = ClaimOptions & {
  readonly keys: KeySet;
  /** Spares the signature of a token that it has seen, while `keys` finds the same key for it. */
  readonly seen?: SeenTokens;
};

/**
 * A memory of verified tokens for `VerifyOptions.seen`, under their SHA-256. One serves one set of
 * keys and claim rules or several: what it spares is the signature, never a rule.
 *
 * @param capacity tokens to remember, some 0.3 KiB each; the least used are forgotten. 0 = none
 * @example
 * const seen = createSeenTokens(10_000);
 * const { claims } = verifyToken(token, { keys, seen, now: Date.now() / 1000 });
 */
export const createSeenTokens = (capacity: number): SeenTokens => createTokenCache<Seen>(capacity);

/**
 * Verifies a JWT (RFC 7519 §7.2): spelling, key, signature, then claims. Claims are not looked at
 * before the signature has been verified.
 *
 * @param token at most `MAX_TOKEN_LENGTH` (8192) characters
 * @param options `keys` from `createKeySet`, `now` in epoch seconds, and the claim rules
 * @throws {TokenError} with any `reason`; `unknown_key` when the header's `kid` is not in `keys`
 * @throws {TypeError} for options that are not usable
 * @example
 * const keys = createKeySet([{ key: importSecret(secret) }]);
 * const { claims } = verifyToken(token, { keys, now: Date.now() / 1000, tokenType: 'access' });
 */
export function verifyToken(token: string, options: VerifyOptions): Verified {
  const { seen, keys } = options;
  if (!seen || typeof token !== 'string' || token.length > MAX_TOKEN_LENGTH)
    return verifyJws(parseCompactJws(token), options);
  const place = placeOf(token);
  const known = seen.find(place);
  if (known && findKey(keys, known.header) === known.match)
    return { header: known.header, claims: validateClaims(known.claims, options) };
  const verified = verifyJws(parseCompactJws(token), options);
  seen.add(place, verified);
  return verified;
}

/** As `verifyToken`, for a token that has been read. */
export function verifyJws(jws: UnverifiedJws, options: VerifyOptions): Seen {
  const { header } = jws;
  const match = findKey(options.keys, header);
  if (!match) throw new TokenError('unknown_key', 'No key is known for this token');
  verifySignature(jws, match.key, match.algorithm);
  return { header, claims: validateClaims(parseClaims(jws.payload), options), match };
}

const findKey = (keys: KeySet, header: JwsHeader): KeySetMatch | undefined =>
  keys.find(Object.hasOwn(header, 'kid') ? header.kid : undefined);
