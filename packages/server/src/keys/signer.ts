import { createHmac, createSecretKey, type KeyObject, sign } from 'node:crypto';
import type { KeyPair } from './key-pair.ts';
import type { AsymmetricAlgorithm } from './schedule.ts';

/** Signs a claims set; the whole of what minting needs to know of keys. */
export type Signer = {
  /** @returns the JWS compact serialisation (RFC 7515 §7.1) of the claims, in their given order */
  sign(claims: object): string;
};

// Byte for byte SimpleJWT's header, so a token of ours is a token of Django's.
const HEADER = Buffer.from('{"alg":"HS256","typ":"JWT"}').toString('base64url');

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

export function createHs256Signer(secret: Uint8Array): Signer {
  const key = createSecretKey(secret);
  return {
    sign(claims) {
      const input = `${HEADER}.${encode(claims)}`;
      return `${input}.${createHmac('sha256', key).update(input).digest('base64url')}`;
    },
  };
}

export function createAsymmetricSigner(
  alg: AsymmetricAlgorithm,
  { kid, privateKey }: KeyPair,
): Signer {
  const header = encode({ alg, typ: 'JWT', kid });
  const signatureOf = signatures[alg];
  return {
    sign(claims) {
      const input = `${header}.${encode(claims)}`;
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
