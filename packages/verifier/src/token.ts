import type { Subject } from './access-claims.ts';
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
import { createTokenCache, sha256Of, type TokenCache } from './token-cache.ts';

type Verified = { readonly header: JwsHeader; readonly claims: TokenClaims };
type Seen = Verified & {
  readonly match: KeySetMatch;
  /** Whose token it is, once `createVerifier` has read its claims as those of an access token. */
  subject: Subject | undefined;
};

/** Tokens whose signature has been verified, and with which key. */
export type SeenTokens = TokenCache<Seen>;

/** The means of verification, beside the requirements for claims. */
export type VerifyOptions = ClaimOptions & {
  /** From `createKeySet`. */
  readonly keys: KeySet;
  /** Skips the signature check of a token seen before, while `keys` finds the same key for it. */
  readonly seen?: SeenTokens;
};

/**
 * Creates a cache of verified tokens for `VerifyOptions.seen`, keyed by their SHA-256. It may serve
 * several key sets and claim rules: a hit skips the signature check, never a rule.
 *
 * @param capacity a number of tokens, about 0.3 KiB each; the least used are dropped. 0 keeps none
 * @param options.keepsTokens keyed by the tokens themselves, which saves the hash and takes about 0.6 KiB
 *   each: for a process that signs tokens, whose memory holds a greater secret; default false
 * @example
 * const seen = createSeenTokens(10_000);
 * const { claims } = verifyToken(token, { keys, seen, now: Date.now() / 1000 });
 */
export const createSeenTokens = (
  capacity: number,
  { keepsTokens = false }: { readonly keepsTokens?: boolean } = {},
): SeenTokens => createTokenCache<Seen>(capacity, keepsTokens ? (token) => token : sha256Of);

/**
 * Verifies a JWT (RFC 7519 §7.2): encoding, key, signature, then claims. Claims are not read
 * before the signature has been verified.
 *
 * @param token at most `MAX_TOKEN_LENGTH` (8192) characters
 * @param options `keys` from `createKeySet`, `now` in epoch seconds, and the claim rules
 * @throws {TokenError} with any `reason`; `unknown_key` when the header's `kid` is not in `keys`
 * @throws {TypeError} if `now` is not a finite number, or `leeway` is not 0 to 300
 * @example
 * const keys = createKeySet([{ key: importSecret(secret) }]);
 * const { claims } = verifyToken(token, { keys, now: Date.now() / 1000, tokenType: 'access' });
 */
export function verifyToken(token: string, options: VerifyOptions): Verified {
  const { header, claims } = verifySeen(token, options);
  return { header, claims };
}

/** As `verifyToken`; gives out the entry of `options.seen` itself. */
export function verifySeen(token: string, options: VerifyOptions): Seen {
  const { seen, keys } = options;
  if (!seen || typeof token !== 'string' || token.length > MAX_TOKEN_LENGTH)
    return verifyJws(parseCompactJws(token), options);
  const place = seen.placeOf(token);
  const known = seen.find(place);
  if (known && findKey(keys, known.header) === known.match) {
    validateClaims(known.claims, options);
    return known;
  }
  const verified = verifyJws(parseCompactJws(token), options);
  seen.add(place, verified);
  return verified;
}

function verifyJws(jws: UnverifiedJws, options: VerifyOptions): Seen {
  const { header } = jws;
  const match = findKey(options.keys, header);
  if (!match) throw new TokenError('unknown_key', 'No key is known for this token');
  verifySignature(jws, match.key, match.algorithm);
  const claims = validateClaims(parseClaims(jws.payload), options);
  return { header, claims, match, subject: undefined };
}

const findKey = (keys: KeySet, header: JwsHeader): KeySetMatch | undefined =>
  keys.find(Object.hasOwn(header, 'kid') ? header.kid : undefined);
