import { createSecretKey, type KeyObject } from 'node:crypto';
import {
  type Algorithm,
  type AlgorithmRule,
  type HmacAlgorithm,
  type HmacRule,
  ruleOf,
} from './algorithms.ts';
import { decodeBase64url } from './base64url.ts';
import { KeyError } from './errors.ts';
import { VerificationKey } from './key.ts';
import { ecKey, ed25519Key, rsaKey } from './public-key.ts';
import { signatureCheck } from './signature.ts';

/** The own members of a JWK, read once: no prototype, no getter that changes its mind. */
export type JwkMembers = ReadonlyMap<string, unknown>;

// RFC 7518 §6.2.2, §6.3.2, RFC 8037 §2.
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth'];

/**
 * Imports a JSON Web Key (RFC 7517) for verifying one algorithm. Synchronous; nothing is fetched.
 *
 * Refuses keys that are weak or meant for something else: another `kty`, `crv` or `alg`, a `use`
 * other than `sig`, `key_ops` without `verify`, private members, secrets shorter than the hash
 * (RFC 7518 §3.2), RSA outside 2048–16384 bits or of the weak form of CVE-2017-15361, points off the
 * curve or of small order, members that are not canonical base64url.
 *
 * @param jwk the parsed JSON object; only its own members count
 * @param algorithm the one algorithm the key will verify
 * @throws {KeyError} `code: 'key_not_valid'` and a `reason`
 * @throws {TypeError} when `algorithm` is not one of `Algorithm`
 * @example
 * const key = importJwk(
 *   { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' },
 *   'EdDSA',
 * );
 * console.log(key.algorithm); // EdDSA
 */
export function importJwk(jwk: object, algorithm: Algorithm): VerificationKey {
  const rule = ruleOf(algorithm);
  if (typeof jwk !== 'object' || jwk === null || Array.isArray(jwk)) {
    throw new KeyError('malformed', 'The JWK is not an object');
  }
  const members: JwkMembers = new Map<string, unknown>(Object.entries(jwk));
  requireIntent(members, rule, algorithm);
  return new VerificationKey(algorithm, signatureCheck(rule, keyObject(members, rule)));
}

/**
 * Imports a shared secret for HMAC (RFC 7518 §3.2).
 *
 * @param secret the bytes, or a string taken as UTF-8; at least as long as the hash output
 *   (32 bytes for HS256, 48 for HS384, 64 for HS512)
 * @param algorithm default `HS256`
 * @throws {KeyError} `too_short`, or `bad_encoding` for a string with lone surrogates
 * @throws {TypeError} when `algorithm` is not an HMAC algorithm or `secret` not bytes or a string
 * @example
 * const key = importSecret('correct-horse-battery-staple-0123456789');
 */
export function importSecret(
  secret: Uint8Array | string,
  algorithm: HmacAlgorithm = 'HS256',
): VerificationKey {
  const rule = ruleOf(algorithm);
  if (rule.kty !== 'oct') throw new TypeError('A secret needs an HMAC algorithm');
  if (typeof secret !== 'string' && !(secret instanceof Uint8Array)) {
    throw new TypeError('A secret is a Uint8Array or a string');
  }
  if (typeof secret === 'string' && !secret.isWellFormed()) {
    // Every lone surrogate encodes to the same three bytes.
    throw new KeyError('bad_encoding', 'The secret is not well-formed Unicode');
  }
  const key = hmacKey(typeof secret === 'string' ? Buffer.from(secret) : secret, rule);
  return new VerificationKey(algorithm, signatureCheck(rule, key));
}

/** The bytes of a member that must be canonical base64url. */
export function bytesOf(members: JwkMembers, name: string): Buffer {
  const value = members.get(name);
  if (typeof value !== 'string') throw new KeyError('malformed', `"${name}" is not a string`);
  const bytes = decodeBase64url(value);
  if (!bytes) throw new KeyError('bad_encoding', `"${name}" is not canonical base64url`);
  return bytes;
}

function requireIntent(members: JwkMembers, rule: AlgorithmRule, algorithm: Algorithm): void {
  for (const name of ['kty', 'alg', 'use', 'kid', 'crv']) {
    if (members.has(name) && typeof members.get(name) !== 'string') {
      throw new KeyError('malformed', `"${name}" is not a string`);
    }
  }
  if (members.get('kty') !== rule.kty) {
    throw new KeyError('wrong_key_type', `"kty" is not "${rule.kty}"`);
  }
  if (members.has('alg') && members.get('alg') !== algorithm) {
    throw new KeyError('wrong_algorithm', `"alg" is not "${algorithm}"`);
  }
  if (members.has('use') && members.get('use') !== 'sig') {
    throw new KeyError('wrong_use', '"use" is not "sig"');
  }
  if (members.has('key_ops')) requireVerifyOperation(members.get('key_ops'));
}

// RFC 7517 §4.3: an array of distinct strings.
function requireVerifyOperation(operations: unknown): void {
  if (!Array.isArray(operations) || !operations.every((name) => typeof name === 'string')) {
    throw new KeyError('malformed', '"key_ops" is not an array of strings');
  }
  if (new Set(operations).size !== operations.length) {
    throw new KeyError('wrong_operations', '"key_ops" names an operation twice');
  }
  if (!operations.includes('verify')) {
    throw new KeyError('wrong_operations', '"key_ops" lacks "verify"');
  }
}

function keyObject(members: JwkMembers, rule: AlgorithmRule): KeyObject {
  if (rule.kty === 'oct') return hmacKey(bytesOf(members, 'k'), rule);
  if (PRIVATE_MEMBERS.some((name) => members.has(name))) {
    throw new KeyError('private_key', 'A private key does not belong in a verifier');
  }
  switch (rule.kty) {
    case 'RSA':
      return rsaKey(bytesOf(members, 'n'), bytesOf(members, 'e'));
    case 'EC':
      requireCurve(members, rule.crv);
      return ecKey(bytesOf(members, 'x'), bytesOf(members, 'y'), rule);
    case 'OKP':
      requireCurve(members, rule.crv);
      return ed25519Key(bytesOf(members, 'x'));
  }
}

function requireCurve(members: JwkMembers, crv: string): void {
  if (members.get('crv') !== crv) throw new KeyError('wrong_curve', `"crv" is not "${crv}"`);
}

function hmacKey(secret: Uint8Array, { tagBytes }: HmacRule): KeyObject {
  if (secret.length < tagBytes) {
    throw new KeyError('too_short', `The secret is shorter than ${tagBytes} bytes`);
  }
  return createSecretKey(secret);
}
