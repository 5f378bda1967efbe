import { createHmac, createSecretKey, type KeyObject, sign } from 'node:crypto';
import type { KeyPair } from './key-pair.ts';
import type { AsymmetricAlgorithm } from './schedule.ts';

/** Signs a claims set; minting needs nothing else of keys. */
export type Signer = {
  /**
   * @param payload the claims as JSON
   * @returns the JWS compact serialisation (RFC 7515 §7.1)
   */
  sign(payload: string): string;
};

const encode = (json: string): string => Buffer.from(json).toString('base64url');

// Byte for byte the header of SimpleJWT, so that tokens are interchangeable with Django's.
const HEADER = encode('{"alg":"HS256","typ":"JWT"}');

export function createHs256Signer(secret: Uint8Array): Signer {
  const key = createSecretKey(secret);
  return {
    sign(payload) {
      const input = `${HEADER}.${encode(payload)}`;
      return `${input}.${createHmac('sha256', key).update(input).digest('base64url')}`;
    },
  };
}

export function createAsymmetricSigner(
  alg: AsymmetricAlgorithm,
  { kid, privateKey }: KeyPair,
): Signer {
  const header = encode(JSON.stringify({ alg, typ: 'JWT', kid }));
  const signatureOf = signatures[alg];
  return {
    sign(payload) {
      const input = `${header}.${encode(payload)}`;
      return `${input}.${signatureOf(Buffer.from(input), privateKey).toString('base64url')}`;
    },
  };
}

const signatures: Record<AsymmetricAlgorithm, (input: Buffer, key: KeyObject) => Buffer> = {
  EdDSA: (input, key) => sign(null, input, key),
  // RFC 7518 §3.4: r and s side by side, not DER.
  ES256: (input, key) => sign('sha256', input, { key, dsaEncoding: 'ieee-p1363' }),
  RS256: (input, key) => sign('sha256', input, key),
};
