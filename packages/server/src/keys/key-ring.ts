/**
 * The keys that sign and verify. Owns the `signing_keys` table: the generated HS256 secret and the
 * ring of asymmetric keys, which every node follows. Does not own claims, nor what a ring should
 * look like (schedule.ts, changes.ts) or how it is changed (ring-changes.ts). Imported by token/, app.ts
 * and the CLI.
 */
import { hkdfSync } from 'node:crypto';
import { createKeySet, importSecret, type KeySet, type KeySetMatch } from '@gatepass/verifier';
import { type Clock, systemTimers, type Timers } from '../clock.ts';
import { createFollower } from '../polling.ts';
import { dueChanges, type RingPolicy } from './changes.ts';
import { type KeyPair, type PublicJwk, readKeyPair } from './key-pair.ts';
import type { RingChanges } from './ring-changes.ts';
import {
  type AsymmetricAlgorithm,
  FOLLOW_BOUND_MS,
  isVerifying,
  NEVER,
  nextSwitch,
  type RingKey,
  secretVerifiesUntil,
  signingKey,
} from './schedule.ts';
import type { Seal, StoredSecret } from './seal.ts';
import { createAsymmetricSigner, createHs256Signer, type Signer } from './signer.ts';
import { type KeyStore, type Rows, SECRET_KID } from './store.ts';

const FOLLOW_MS = 1000;
/** Without news from the database for this long, this process cannot promise the bound. */
export const STALE_AFTER_MS = FOLLOW_BOUND_MS - FOLLOW_MS;

export type KeyRing = ReturnType<typeof createKeyRing>;

type Deps = {
  store: KeyStore;
  ringChanges: RingChanges;
  seal: Seal;
  clock: Clock;
  timers?: Timers | undefined;
  policy: RingPolicy;
  /** As text; empty = the generated secret. */
  configuredSecret: string;
  /** Called when following or updating the ring fails; it is tried again. */
  onError: (error: unknown) => void;
};

type Opened = { readonly pair: KeyPair; readonly signer: Signer };
type Secret = {
  readonly signer: Signer;
  readonly keySet: KeySet;
  readonly derive: (info: string) => Uint8Array;
};
type Verifying = { readonly match: KeySetMatch; readonly until: number };

export function createKeyRing(deps: Deps) {
  const { store, ringChanges, seal, clock, policy, configuredSecret, onError } = deps;
  const { timers = systemTimers } = deps;
  let seen = '';
  let ring: readonly RingKey[] = [];
  let opened: ReadonlyMap<string, Opened> = new Map();
  let byKid: ReadonlyMap<string, Verifying> = new Map();
  let secret = readSecret(Buffer.from(configuredSecret));
  let signer: Signer | undefined;
  let signsUntil = Number.NEGATIVE_INFINITY;
  let secretUntil = NEVER;
  let followedAt = Number.NEGATIVE_INFINITY;
  let isFailing = false;

  /** Reads new rows; rejects when the database cannot respond or a key cannot be opened. */
  async function follow(): Promise<void> {
    const rows = await store.rows();
    const fingerprint = JSON.stringify(rows);
    if (fingerprint !== seen) {
      load(rows, await store.secrets());
      seen = fingerprint;
    }
    decide(clock.now());
    followedAt = timers.elapsed();
  }

  function load(rows: Rows, stored: readonly StoredSecret[]): void {
    const find = (kid: string): Uint8Array => {
      const row = stored.find((each) => each.kid === kid);
      if (!row) throw new Error(`The signing key ${kid} was removed while it was read`);
      return seal.open(row);
    };
    const next = new Map<string, Opened>();
    for (const { kid, alg } of rows.ring) {
      if (alg === 'HS256') continue;
      next.set(kid, opened.get(kid) ?? open(kid, alg, find(kid)));
    }
    if (configuredSecret === '') secret = readSecret(find(SECRET_KID));
    ring = rows.ring;
    opened = next;
    byKid = new Map(
      ring.flatMap(({ kid, retiresAt = NEVER }): [string, Verifying][] => {
        const key = opened.get(kid)?.pair.verificationKey;
        if (!key) return [];
        return [
          [kid, { match: Object.freeze({ key, algorithm: key.algorithm }), until: retiresAt }],
        ];
      }),
    );
  }

  function decide(now: number): void {
    const current = signingKey(ring, now);
    signer = current && opened.get(current.kid)?.signer;
    signsUntil = nextSwitch(ring, now);
    secretUntil = secretVerifiesUntil(ring, now);
  }

  async function round(): Promise<void> {
    try {
      await follow();
      if (dueChanges(ring, clock.now(), policy).length > 0) {
        await ringChanges.keepUp();
        await follow();
      }
      isFailing = false;
    } catch (error) {
      if (!isFailing) onError(error);
      isFailing = true;
    }
  }

  const follower = createFollower(FOLLOW_MS, round, store.onNews, timers);

  const keySet: KeySet = {
    find(kid) {
      if (kid === undefined) return secret.keySet.find(undefined);
      const found = typeof kid === 'string' ? byKid.get(kid) : undefined;
      return found && clock.now() < found.until ? found.match : undefined;
    },
  };

  return {
    /** Every key that verifies; a header without `kid` means the secret. */
    keySet,

    /** Signs an access token with the key that is current at `now`. */
    signAccess(payload: string, now: number): string {
      if (now >= signsUntil) decide(now);
      return (signer ?? secret.signer).sign(payload);
    },

    /** Signs a refresh token: always HS256 under the server's own secret. */
    signRefresh: (payload: string): string => secret.signer.sign(payload),

    /** Derives a separate key for another use of the secret (HKDF, RFC 5869). */
    deriveKey: (info: string): Uint8Array => secret.derive(info),

    /** Whether access tokens signed with the secret are accepted: until soon after a key has taken over. */
    trustsSecretForAccess: (now: number): boolean => now < secretUntil,

    /** The public keys whose tokens are or will be accepted, in the order in which they sign. */
    publicKeys(): PublicJwk[] {
      const now = clock.now();
      return ring
        .filter((key) => isVerifying(key, now))
        .toSorted((a, b) => a.serial - b.serial)
        .flatMap(({ kid }) => opened.get(kid)?.pair.publicJwk ?? []);
    },

    /** Milliseconds that the current key has signed for; `undefined` = the secret signs. */
    signingKeyAge(): number | undefined {
      const now = clock.now();
      const key = signingKey(ring, now);
      return key && now - key.activatesAt;
    },

    follow,

    /** Follows until `stop`; failures show in `lag` and are tried again. */
    start: follower.start,
    stop: follower.stop,

    /** Milliseconds since the table was last read. */
    lag: (): number => timers.elapsed() - followedAt,
  };
}

function readSecret(bytes: Uint8Array): Secret {
  // The generated secret has not been read yet.
  if (bytes.length === 0) return { signer: NO_SIGNER, keySet: createKeySet([]), derive: notRead };
  return {
    signer: createHs256Signer(bytes),
    keySet: createKeySet([{ key: importSecret(bytes) }]),
    derive: (info) => new Uint8Array(hkdfSync('sha256', bytes, '', info, DERIVED_BYTES)),
  };
}

const DERIVED_BYTES = 32;

const notRead = (): never => {
  throw new Error('The key ring was not read before it was used');
};
const NO_SIGNER: Signer = { sign: notRead };

function open(kid: string, alg: AsymmetricAlgorithm, pkcs8: Uint8Array): Opened {
  const pair = readKeyPair(alg, pkcs8);
  if (pair.kid !== kid)
    throw new Error(`The signing key ${kid} holds another key: its row was changed`);
  return { pair, signer: createAsymmetricSigner(alg, pair) };
}
