/**
 * The keys that sign and verify. Owns the `signing_keys` table and the HS256 secret: given by
 * configuration, or generated once and kept in the database. Does not own claims. Imported by
 * token/ and app.ts.
 */
import { randomBytes } from 'node:crypto';
import { createKeySet, importSecret, type KeySet } from '@gatepass/verifier';
import type { Clock } from '../clock.ts';
import { createHs256Signer, type Signer } from './signer.ts';
import type { KeyStore } from './store.ts';

export type KeyRing = {
  readonly signer: Signer;
  readonly keySet: KeySet;
};

const GENERATED_KID = 'hs256';
const SECRET_BYTES = 64;

type Deps = {
  store: KeyStore;
  clock: Clock;
  /** The configured secret as text; empty = the generated one. */
  configuredSecret: string;
};

export async function loadKeyRing({ store, clock, configuredSecret }: Deps): Promise<KeyRing> {
  const secret = configuredSecret
    ? Buffer.from(configuredSecret)
    : await generatedSecret(store, clock);
  return {
    signer: createHs256Signer(secret),
    keySet: createKeySet([{ key: importSecret(secret) }]),
  };
}

async function generatedSecret(store: KeyStore, clock: Clock): Promise<Uint8Array> {
  const known = await store.findSecret(GENERATED_KID);
  if (known) return known;
  await store.insertIfAbsent(GENERATED_KID, randomBytes(SECRET_BYTES), clock.now());
  const stored = await store.findSecret(GENERATED_KID);
  if (!stored) throw new Error('The signing key was written and cannot be read back');
  return stored;
}
