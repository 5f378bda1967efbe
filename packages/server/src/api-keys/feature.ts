import type { Logger } from 'pino';
import type { Audit } from '../audit/audit.ts';
import type { Clock } from '../clock.ts';
import type { Database } from '../database/database.ts';
import { logFault } from '../database/faults.ts';
import type { Part } from '../part.ts';
import { createApiKeys } from './api-keys.ts';
import { createApiKeyStore } from './store.ts';

// Expired and revoked keys stay in the list this long.
const KEPT_MS = 30 * 86_400_000;

type Deps = { readonly database: Database; readonly clock: Clock; readonly logger: Logger };

/** API keys over their table. */
export function createApiKeyFeature({ database, clock, logger }: Deps, audit: Audit) {
  const store = createApiKeyStore(database);
  const { transaction } = database;
  const onError = (error: unknown) =>
    logFault(logger, error, 'the use of an API key could not be noted');
  const part: Part = {
    purges: [(tx, now, limit) => store.purge(tx, now - KEPT_MS, limit)],
    onRestore: (tx) => store.revokeAll(tx, clock.now()),
  };
  return {
    apiKeys: createApiKeys({ store, audit, transaction, clock, onError }),
    part,
  };
}
