import { type ClaimOptions, parseClaims, type TokenClaims, validateClaims } from './claims.ts';
import { TokenError } from './errors.ts';
import { type JwsHeader, parseCompactJws, type UnverifiedJws, verifySignature } from './jws.ts';
import type { KeySet } from './key-set.ts';

/** The keys to verify with, beside what the claims must satisfy. */
export type VerifyOptions = ClaimOptions & { readonly keys: KeySet };

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
export function verifyToken(
  token: string,
  options: VerifyOptions,
): { header: JwsHeader; claims: TokenClaims } {
  return verifyJws(parseCompactJws(token), options);
}

/** As `verifyToken`, for a token that has been read. */
export function verifyJws(
  jws: UnverifiedJws,
  options: VerifyOptions,
): { header: JwsHeader; claims: TokenClaims } {
  const match = options.keys.find(Object.hasOwn(jws.header, 'kid') ? jws.header.kid : undefined);
  if (!match) throw new TokenError('unknown_key', 'No key is known for this token');
  verifySignature(jws, match.key, match.algorithm);
  return { header: jws.header, claims: validateClaims(parseClaims(jws.payload), options) };
}
