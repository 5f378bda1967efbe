import { constants } from 'node:crypto';

/** HMAC algorithms (RFC 7518 §3.2): one shared secret signs and verifies. */
export type HmacAlgorithm = 'HS256' | 'HS384' | 'HS512';

/**
 * The JWS algorithms a key can be imported for (RFC 7518 §3.1, RFC 8037 §3.1 for EdDSA, which is
 * Ed25519 only). Names are case-sensitive; `none` is not among them.
 */
export type Algorithm =
  | HmacAlgorithm
  | 'RS256'
  | 'RS384'
  | 'RS512'
  | 'PS256'
  | 'PS384'
  | 'PS512'
  | 'ES256'
  | 'ES384'
  | 'ES512'
  | 'EdDSA';

export type HmacRule = { kty: 'oct'; hash: string; tagBytes: number };
export type RsaRule = { kty: 'RSA'; hash: string; padding: number };
export type EcRule = { kty: 'EC'; hash: string; crv: string; order: Buffer };
export type OkpRule = { kty: 'OKP'; crv: string };
export type AlgorithmRule = HmacRule | RsaRule | EcRule | OkpRule;

const { RSA_PKCS1_PADDING: PKCS1, RSA_PKCS1_PSS_PADDING: PSS } = constants;

// Orders of the base points, SEC 2 §2.4.2, §2.5.1, §2.6.1; an order is as long as a coordinate.
const P256_ORDER = 'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551';
const P384_ORDER = `${'f'.repeat(48)}c7634d81f4372ddf581a0db248b0a77aecec196accc52973`;
const P521_ORDER = `01${'f'.repeat(64)}fa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409`;

const RULES: Readonly<Record<Algorithm, AlgorithmRule>> = {
  HS256: { kty: 'oct', hash: 'sha256', tagBytes: 32 },
  HS384: { kty: 'oct', hash: 'sha384', tagBytes: 48 },
  HS512: { kty: 'oct', hash: 'sha512', tagBytes: 64 },
  RS256: { kty: 'RSA', hash: 'sha256', padding: PKCS1 },
  RS384: { kty: 'RSA', hash: 'sha384', padding: PKCS1 },
  RS512: { kty: 'RSA', hash: 'sha512', padding: PKCS1 },
  PS256: { kty: 'RSA', hash: 'sha256', padding: PSS },
  PS384: { kty: 'RSA', hash: 'sha384', padding: PSS },
  PS512: { kty: 'RSA', hash: 'sha512', padding: PSS },
  ES256: { kty: 'EC', hash: 'sha256', crv: 'P-256', order: Buffer.from(P256_ORDER, 'hex') },
  ES384: { kty: 'EC', hash: 'sha384', crv: 'P-384', order: Buffer.from(P384_ORDER, 'hex') },
  ES512: { kty: 'EC', hash: 'sha512', crv: 'P-521', order: Buffer.from(P521_ORDER, 'hex') },
  EdDSA: { kty: 'OKP', crv: 'Ed25519' },
};

/** The rule of an algorithm; TypeError for a name that is not in the table. */
export function ruleOf(algorithm: Algorithm): AlgorithmRule {
  if (!Object.hasOwn(RULES, algorithm)) throw new TypeError('Unsupported algorithm');
  return RULES[algorithm];
}
