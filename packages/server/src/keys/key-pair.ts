/** Asymmetric keys: making them, reading them back, their public form. */
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  hash,
  type KeyObject,
} from 'node:crypto';
import { promisify } from 'node:util';
import { importJwk, type VerificationKey } from '@gatepass/verifier';
import type { AsymmetricAlgorithm } from './schedule.ts';

/** Public members only (RFC 7517 §4, RFC 7518 §6, RFC 8037 §2). */
export type PublicJwk = {
  readonly kty: string;
  readonly use: 'sig';
  readonly alg: AsymmetricAlgorithm;
  readonly kid: string;
  readonly crv?: string;
  readonly x?: string;
  readonly y?: string;
  readonly n?: string;
  readonly e?: string;
};

export type KeyPair = {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly verificationKey: VerificationKey;
  readonly publicJwk: PublicJwk;
};

const generate = promisify(generateKeyPair);
// All verifiers accept 2048 bits, and a key signs only for a month.
const MODULUS_BITS = 2048;

/** A new private key in PKCS #8, and its name, which is computed from the public key. */
export async function generatePrivateKey(
  alg: AsymmetricAlgorithm,
): Promise<{ kid: string; pkcs8: Uint8Array }> {
  const pkcs8 = (await newKey(alg)).export({ format: 'der', type: 'pkcs8' });
  const { kid } = readKeyPair(alg, pkcs8);
  // A command line would read such a name as an option.
  return kid.startsWith('-') ? generatePrivateKey(alg) : { kid, pkcs8 };
}

async function newKey(alg: AsymmetricAlgorithm): Promise<KeyObject> {
  switch (alg) {
    case 'EdDSA':
      return (await generate('ed25519')).privateKey;
    case 'ES256':
      return (await generate('ec', { namedCurve: 'P-256' })).privateKey;
    case 'RS256':
      return (await generate('rsa', { modulusLength: MODULUS_BITS })).privateKey;
  }
}

/** @throws when the bytes are not a private key of the algorithm */
export function readKeyPair(alg: AsymmetricAlgorithm, pkcs8: Uint8Array): KeyPair {
  const privateKey = createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' });
  const members = createPublicKey(privateKey).export({ format: 'jwk' });
  const { kty = '', crv, x, y, n, e } = members;
  const kid = thumbprint({ crv, e, kty, n, x, y });
  const publicJwk: PublicJwk = {
    kty,
    use: 'sig',
    alg,
    kid,
    ...(crv && { crv }),
    ...(x && { x }),
    ...(y && { y }),
    ...(n && { n }),
    ...(e && { e }),
  };
  return { kid, privateKey, publicJwk, verificationKey: importJwk(publicJwk, alg) };
}

/** RFC 7638 §3: the required members in the order of their names; absent members are left out. */
const thumbprint = (members: Readonly<Record<string, string | undefined>>): string =>
  hash('sha256', JSON.stringify(members), 'base64url');
