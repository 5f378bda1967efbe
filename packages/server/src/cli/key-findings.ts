/** What `doctor` says of the stored keys. */
import { createAuditLog } from '../audit/feature.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import { isDatabaseUnavailable } from '../database/faults.ts';
import { openConfigured } from '../database/open.ts';
import { createKeys } from '../keys/feature.ts';
import { MasterKeyError } from '../keys/seal.ts';
import { createLogger } from '../logger.ts';
import type { Finding } from './database-findings.ts';

/** Nothing where the database cannot be read, or is not up to date: that is told elsewhere. */
export async function keyFindings(config: Config, clock: Clock): Promise<Finding[]> {
  const check = 'stored keys';
  try {
    const database = openConfigured(config, { mustExist: true });
    try {
      if ((await database.pending()).length > 0) return [];
      const logger = createLogger({ ...config, logLevel: 'silent' });
      const deps = { config, database, clock, logger };
      const { ringChanges } = createKeys(deps, createAuditLog(deps).audit);
      const { stored, inClear } = await ringChanges.open();
      if (stored === 0) return [];
      const message =
        inClear === 0
          ? `${stored}, sealed`
          : `${inClear} of ${stored} in clear: every reader of the database can sign tokens. GATEPASS_MASTER_KEY seals them at the next start`;
      return [{ check, level: inClear === 0 ? 'ok' : 'warning', message }];
    } finally {
      await database.close();
    }
  } catch (error) {
    if (error instanceof MasterKeyError) return [{ check, level: 'fault', message: error.message }];
    if (isDatabaseUnavailable(error)) return [];
    throw error;
  }
}
