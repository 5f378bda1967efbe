import type { Algorithm } from './algorithms.ts';
import { BASE64URL_CHARACTER as B64, decodeAlphabetic } from './base64url.ts';
import { TokenError } from './errors.ts';
import { parseJsonObject } from './json.ts';
import { VerificationKey } from './key.ts';

/** The longest accepted token, in characters; a longer one is refused before any cryptography. */
export const MAX_TOKEN_LENGTH = 8192;

/** A verified JOSE header (RFC 7515 §4), frozen. Only `alg` and `kid` are ever read. */
export type JwsHeader = Readonly<Record<string, unknown>> & {
  readonly alg: string;
  readonly kid?: unknown;
};

/** A token that is spelled right; nothing in it is to be trusted yet. */
export type UnverifiedJws = {
  readonly header: JwsHeader;
  readonly headerText: string;
  readonly signingInput: string;
  readonly payload: Buffer;
  readonly signature: Buffer;
};

// RFC 7515 §7.1. The payload alone may be empty. One expression for the canonical grammar would
// take 730 ns for a typical token, this one and a look at each segment's end 280.
const compact = new RegExp(`^${B64}+\\.${B64}*\\.${B64}+$`);

// Servers see few distinct headers. Only headers whose signature verified get in, so no client
// without a key can fill the cache; only flat ones, so a shared object has nothing to tamper with.
const verifiedHeaders = new Map<string, JwsHeader>();
const CACHED_HEADERS = 64;
const CACHED_HEADER_LENGTH = 256;

/**
 * Verifies a compact JWS (RFC 7515 §5.2) under exactly one algorithm.
 *
 * Strict: one encoding per token (canonical base64url, no padding or white space), header a UTF-8
 * JSON object without duplicate names, `alg` equal to `algorithm`, no `crit`, no `b64`. Members
 * that point at keys (`jku`, `jwk`, `x5u`, `x5c`) are never used.
 *
 * @param token at most `MAX_TOKEN_LENGTH` (8192) characters
 * @param key from `importJwk` or `importSecret`
 * @param algorithm the algorithm the key was imported for
 * @returns the header and the payload's bytes, which may be empty and need not be JSON
 * @throws {TokenError} `too_long`, `malformed`, `unsupported_algorithm` or `bad_signature`
 * @throws {TypeError} when `key` was not imported for `algorithm`
 * @example
 * const key = importSecret(secret);
 * const { header, payload } = verifyCompactJws(token, key, 'HS256');
 */
export function verifyCompactJws(
  token: string,
  key: VerificationKey,
  algorithm: Algorithm,
): { header: JwsHeader; payload: Uint8Array } {
  const jws = parseCompactJws(token);
  verifySignature(jws, key, algorithm);
  return { header: jws.header, payload: jws.payload };
}

/** Splits and reads a token; TokenError `too_long` or `malformed`. */
export function parseCompactJws(token: unknown): UnverifiedJws {
  if (typeof token !== 'string') throw new TokenError('malformed', 'The token is not a string');
  if (token.length > MAX_TOKEN_LENGTH) throw new TokenError('too_long', 'The token is too long');
  if (!compact.test(token)) throw new TokenError('malformed', 'The token is not a compact JWS');
  const headerEnd = token.indexOf('.');
  const payloadEnd = token.lastIndexOf('.');
  const headerText = token.slice(0, headerEnd);
  return {
    header: verifiedHeaders.get(headerText) ?? parseHeader(headerText),
    headerText,
    signingInput: token.slice(0, payloadEnd),
    payload: decodeSegment(token.slice(headerEnd + 1, payloadEnd)),
    signature: decodeSegment(token.slice(payloadEnd + 1)),
  };
}

/** TokenError `unsupported_algorithm` or `bad_signature`; TypeError for a key misused. */
export function verifySignature(
  jws: UnverifiedJws,
  key: VerificationKey,
  algorithm: Algorithm,
): void {
  if (!(key instanceof VerificationKey) || key.algorithm !== algorithm) {
    throw new TypeError('The key was not imported for this algorithm');
  }
  if (jws.header.alg !== algorithm) {
    throw new TokenError('unsupported_algorithm', "The token's algorithm is not the key's");
  }
  if (!VerificationKey.check(key, jws.signingInput, jws.signature)) {
    throw new TokenError('bad_signature', 'The signature does not match');
  }
  rememberHeader(jws);
}

function decodeSegment(text: string): Buffer {
  const bytes = decodeAlphabetic(text);
  if (!bytes) throw new TokenError('malformed', 'The token is not in canonical base64url');
  return bytes;
}

function parseHeader(text: string): JwsHeader {
  const header = parseJsonObject(decodeSegment(text), 'header');
  if (Object.hasOwn(header, 'crit') || Object.hasOwn(header, 'b64')) {
    // RFC 7515 §4.1.11: an extension that is not understood must be refused; none is here.
    throw new TokenError('malformed', 'The header asks for an extension');
  }
  if (!hasAlgorithm(header)) throw new TokenError('malformed', 'The header names no algorithm');
  return Object.freeze(header);
}

function hasAlgorithm(header: Record<string, unknown>): header is JwsHeader {
  return Object.hasOwn(header, 'alg') && typeof header['alg'] === 'string';
}

function rememberHeader({ header, headerText }: UnverifiedJws): void {
  if (headerText.length > CACHED_HEADER_LENGTH || verifiedHeaders.has(headerText)) return;
  if (Object.values(header).some((value) => typeof value === 'object' && value !== null)) return;
  if (verifiedHeaders.size >= CACHED_HEADERS) verifiedHeaders.clear();
  verifiedHeaders.set(headerText, header);
}
