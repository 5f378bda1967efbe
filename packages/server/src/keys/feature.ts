import type { Logger } from 'pino';
import type { Audit } from '../audit/audit.ts';
import type { Clock, Timers } from '../clock.ts';
import type { Config } from '../config/config.ts';
import type { FollowedDatabase } from '../database/database.ts';
import { logFault } from '../database/faults.ts';
import type { Part } from '../part.ts';
import { createKeyRing, STALE_AFTER_MS } from './key-ring.ts';
import { createRingChanges } from './ring-changes.ts';
import { createSeal } from './seal.ts';
import { createKeyStore } from './store.ts';

const RETIRED_KEYS_KEPT_MS = 86_400_000;

type Deps = {
  readonly config: Config;
  readonly database: FollowedDatabase;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly timers?: Timers | undefined;
};

/** The ring of signing keys and its changes. */
export function createKeys({ config, database, clock, timers, logger }: Deps, audit: Audit) {
  const store = createKeyStore(database);
  const seal = createSeal(config.masterKey, config.previousMasterKey);
  const policy = { rotation: config.keyRotation, accessTokenLifetime: config.accessTokenLifetime };
  const ringChanges = createRingChanges({ store, seal, audit, clock, policy });
  const keyRing = createKeyRing({
    store,
    ringChanges,
    seal,
    clock,
    timers,
    policy,
    configuredSecret: config.secret,
    onError: (error) =>
      logFault(logger, error, 'the signing keys cannot be followed; trying again'),
  });
  const part: Part = {
    background: [keyRing],
    probes: {
      keys: async () => {
        if (keyRing.lag() > STALE_AFTER_MS) throw new Error('the keys are not followed');
      },
    },
    purges: [(tx, now, limit) => store.purge(tx, now - RETIRED_KEYS_KEPT_MS, limit)],
  };
  return { keyRing, ringChanges, part };
}

type Uses = {
  readonly audit: Audit;
  readonly sessionStore: { readonly isEmpty: () => Promise<boolean> };
};

/**
 * Prepares the keys before a node serves: sealed, of the configured algorithm, in memory.
 *
 * @throws {MasterKeyError} when stored keys cannot be opened
 */
export async function startKeys(deps: Deps, { audit, sessionStore }: Uses) {
  const keys = createKeys(deps, audit);
  const { signingAlgorithm, secret } = deps.config;
  await keys.ringChanges.start(signingAlgorithm, secret === '', await sessionStore.isEmpty());
  await keys.keyRing.follow();
  return keys;
}
