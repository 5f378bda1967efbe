import { createHmac, createSecretKey } from 'node:crypto';

/** Signs a claims set; the whole of what minting needs to know of keys. */
export type Signer = {
  /** @returns the JWS compact serialisation (RFC 7515 §7.1) of the claims, in their given order */
  sign(claims: object): string;
};

// Byte for byte SimpleJWT's header, so a token of ours is a token of Django's.
const HEADER = Buffer.from('{"alg":"HS256","typ":"JWT"}').toString('base64url');

export function createHs256Signer(secret: Uint8Array): Signer {
  const key = createSecretKey(secret);
  return {
    sign(claims) {
      const input = `${HEADER}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`;
      return `${input}.${createHmac('sha256', key).update(input).digest('base64url')}`;
    },
  };
}
