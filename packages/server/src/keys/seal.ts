/**
 * Secrets at rest: AES-256-GCM (NIST SP 800-38D) under the master key, bound to the name and the
 * algorithm of each secret, so that no row can replace another. Without a master key they are stored
 * in clear.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  hash,
  hkdfSync,
  randomBytes,
} from 'node:crypto';

/** A stored key cannot be read with the configured master keys. */
export class MasterKeyError extends Error {
  override name = 'MasterKeyError';
}

/** The form of a secret in a row. */
export type Sealed = {
  readonly secret: Uint8Array;
  /** The fingerprint of the master key; `undefined` = in clear. */
  readonly sealedBy: string | undefined;
};

export type StoredSecret = Sealed & { readonly kid: string; readonly alg: string };

export type Seal = {
  /** The fingerprint that new rows carry. */
  readonly fingerprint: string | undefined;
  seal(kid: string, alg: string, secret: Uint8Array): StoredSecret;
  /** @throws {MasterKeyError} */
  open(stored: StoredSecret): Uint8Array;
  /** Keyed hashes of a text, by the present master key and the former one; empty without any. */
  hashes(text: string): string[];
};

const IV_BYTES = 12;
const TAG_BYTES = 16;

type MasterKey = { readonly bytes: Uint8Array; readonly fingerprint: string };

/** @param text 64 hex digits or 43 characters of base64url, checked by the configuration */
function masterKey(text: string): MasterKey {
  const bytes = Buffer.from(text, /^[\da-fA-F]{64}$/.test(text) ? 'hex' : 'base64url');
  // Safe to publish: the key is 256 random bits, so its hash does not help to guess it.
  const fingerprint = hash('sha256', Buffer.concat([Buffer.from('gatepass master key\0'), bytes]));
  return { bytes, fingerprint: fingerprint.slice(0, 16) };
}

/**
 * @param current seals and opens; empty = new keys are stored in clear
 * @param previous opens only; empty = none
 * @param noun what is sealed, for messages
 */
export function createSeal(current: string, previous: string, noun = 'signing key'): Seal {
  const sealing = current === '' ? undefined : masterKey(current);
  const known = new Map(
    [sealing, previous === '' ? undefined : masterKey(previous)]
      .filter((key) => key !== undefined)
      .map((key) => [key.fingerprint, key]),
  );
  return {
    fingerprint: sealing?.fingerprint,

    seal(kid, alg, secret) {
      if (!sealing) return { kid, alg, secret, sealedBy: undefined };
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv('aes-256-gcm', sealing.bytes, iv).setAAD(binding(kid, alg));
      const sealed = Buffer.concat([
        iv,
        cipher.update(secret),
        cipher.final(),
        cipher.getAuthTag(),
      ]);
      return { kid, alg, secret: sealed, sealedBy: sealing.fingerprint };
    },

    hashes: (text) =>
      [...known.values()].map(({ bytes }) => {
        const key = hkdfSync('sha256', bytes, '', `gatepass hash of ${noun}`, 32);
        return createHmac('sha256', new Uint8Array(key)).update(text).digest('hex');
      }),

    open({ kid, alg, secret, sealedBy }) {
      if (sealedBy === undefined) return secret;
      const key = known.get(sealedBy);
      if (!key)
        throw new MasterKeyError(
          `The ${noun} ${kid} is sealed by the master key ${sealedBy}, and ${nameOf(known)}. ` +
            'Set GATEPASS_MASTER_KEY to the key it was sealed with, or keep that one in GATEPASS_MASTER_KEY_PREVIOUS.',
        );
      try {
        const bytes = Buffer.from(secret);
        const tag = bytes.subarray(-TAG_BYTES);
        const decipher = createDecipheriv('aes-256-gcm', key.bytes, bytes.subarray(0, IV_BYTES), {
          authTagLength: TAG_BYTES,
        });
        decipher.setAAD(binding(kid, alg)).setAuthTag(tag);
        return Buffer.concat([
          decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES)),
          decipher.final(),
        ]);
      } catch {
        throw new MasterKeyError(
          `The ${noun} ${kid} does not open: its row was changed or damaged. Restore a backup.`,
        );
      }
    },
  };
}

const binding = (kid: string, alg: string): Buffer => Buffer.from(JSON.stringify([kid, alg]));

const nameOf = (known: ReadonlyMap<string, MasterKey>): string =>
  known.size === 0
    ? 'no master key is configured'
    : `the configured one is ${[...known.keys()].join(' and ')}`;
