/**
 * Password hashing: Argon2id in a bounded pool of its own size. Owns the cost parameters, the
 * admission queue and the dummy hash; knows nothing of users. Imported by users/ and app.ts.
 */
import { availableParallelism } from 'node:os';
import { hash as argon2Hash, verify as argon2Verify } from '@node-rs/argon2';
import type { Argon2Cost } from '../setting-values.ts';
import { createAdmission } from './admission.ts';

export type PasswordHasher = {
  /** @returns a PHC string with a fresh 16-byte salt and a 32-byte tag */
  hash(password: string, signal?: AbortSignal): Promise<string>;
  /**
   * Compares in constant time. `undefined` (no such user) and unreadable hashes cost one hash with
   * today's parameters and never match, so that they cannot be told from a wrong password.
   */
  verify(stored: string | undefined, password: string, signal?: AbortSignal): Promise<boolean>;
  /** Whether a stored hash was made with other parameters than today's. */
  isOutdated(stored: string): boolean;
};

type Options = {
  cost: Argon2Cost;
  /** Told of hashes in the database that cannot be read. */
  onUnreadable?: (error: unknown) => void;
  /** Processes that share this machine's cores; default 1. */
  workers?: number;
};

/** @throws {Refusal} `unavailable` from its methods when too many hashes are waiting */
export function createPasswordHasher({
  cost,
  onUnreadable = () => {},
  workers = 1,
}: Options): PasswordHasher {
  const concurrency = hashesAtOnce(workers);
  const admission = createAdmission({ concurrency, queueLimit: 64, maxWaitMs: 1000 });
  const options = {
    memoryCost: cost.memoryKiB,
    timeCost: cost.passes,
    parallelism: cost.parallelism,
    outputLen: 32,
  };
  const prefix = `$argon2id$v=19$m=${cost.memoryKiB},t=${cost.passes},p=${cost.parallelism}$`;
  // Made while the rest of the service starts.
  const dummy = argon2Hash(crypto.randomUUID(), options);

  async function matches(stored: string | undefined, password: string): Promise<boolean> {
    if (stored === undefined) {
      await argon2Verify(await dummy, password);
      return false;
    }
    try {
      return await argon2Verify(stored, password);
    } catch (error) {
      onUnreadable(error);
      await argon2Verify(await dummy, password);
      return false;
    }
  }

  return {
    hash: (password, signal) => admission.run(() => argon2Hash(password, options), signal),
    verify: (stored, password, signal) => admission.run(() => matches(stored, password), signal),
    isOutdated: (stored) => !stored.startsWith(prefix),
  };
}

// Hashing runs on libuv's four threads; one stays free for DNS and files.
const MAX_THREADS = 3;

/** One core less than the machine has, shared by its workers; at least one hash each. */
const hashesAtOnce = (workers: number) =>
  Math.min(MAX_THREADS, Math.max(1, Math.floor((availableParallelism() - 1) / workers)));
