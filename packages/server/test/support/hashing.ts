/**
 * Passwords at next to no price, on the test's own thread: most tests need an account and not the
 * hundred milliseconds that a thread and a hash of real costs take. A test of hashing itself asks
 * for the real thing with `REAL_HASHES`.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Config } from '../../src/config/config.ts';
import { perform } from '../../src/passwords/hash-job.ts';
import type { HashThread } from '../../src/passwords/hash-thread.ts';

export const REAL_HASHES = { GATEPASS_PASSWORD_HASH: 'm=19456,t=2,p=1' };

/** Costs that no configuration can name: they are refused as too weak. */
const CHEAP = { memoryKiB: 8, passes: 1, parallelism: 1 };

const createHashThread = (): HashThread => ({
  async run(job) {
    await nextTurn();
    return perform(job);
  },
  stop() {},
});

/** The part of a service's dependencies that decides what a password costs. */
export const hashingOf = (config: Config, variables: Readonly<Record<string, string>>) =>
  'GATEPASS_PASSWORD_HASH' in variables
    ? { config }
    : { config: Object.freeze({ ...config, passwordHash: CHEAP }), createHashThread };
