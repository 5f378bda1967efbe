export type { AccessClaims } from './access-claims.ts';
export type { Algorithm, HmacAlgorithm } from './algorithms.ts';
export { hasFactor, isRecent } from './authentication.ts';
export { type BearerResult, parseBearer } from './bearer.ts';
export { type ClaimOptions, parseClaims, type TokenClaims, validateClaims } from './claims.ts';
export {
  KeyError,
  type KeyErrorReason,
  TokenError,
  type TokenErrorReason,
  UnavailableError,
  type UnavailableReason,
} from './errors.ts';
export { type ExpectedClaim, hasClaim } from './has-claim.ts';
export { importJwk, importSecret } from './jwk.ts';
export { type JwsHeader, MAX_TOKEN_LENGTH, verifyCompactJws } from './jws.ts';
export type { VerificationKey } from './key.ts';
export { createKeySet, type KeySet, type KeySetEntry, type KeySetMatch } from './key-set.ts';
export type { VerifierOptions } from './options.ts';
export { createSeenTokens, type SeenTokens, type VerifyOptions, verifyToken } from './token.ts';
export { createVerifier, type Verifier } from './verifier.ts';
