/** The findings of `doctor` on stored keys, secrets and passkeys. */
import { createAuditLog } from '../audit/feature.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import { isDatabaseUnavailable } from '../database/faults.ts';
import { openConfigured } from '../database/open.ts';
import type { Finding } from '../doctor/finding.ts';
import { factorFinding, keyFinding } from '../doctor/key-finding.ts';
import { passkeyFindings } from '../doctor/passkey-finding.ts';
import { createKeys } from '../keys/feature.ts';
import { MasterKeyError } from '../keys/seal.ts';
import { createLogger } from '../logger.ts';
import { countPasskeys, countSecrets } from '../mfa/feature.ts';

/** None when the database cannot be read or is not up to date, which another finding reports. */
export async function keyFindings(config: Config, clock: Clock): Promise<Finding[]> {
  try {
    const database = openConfigured(config, { mustExist: true });
    try {
      if ((await database.pending()).length > 0) return [];
      const logger = createLogger({ ...config, logLevel: 'silent' });
      const deps = { config, database, clock, logger };
      const { ringChanges } = createKeys(deps, createAuditLog(deps).audit);
      return [
        ...keyFinding(await ringChanges.open()),
        ...factorFinding(await countSecrets(database)),
        ...passkeyFindings(config, await countPasskeys(database)),
      ];
    } finally {
      await database.close();
    }
  } catch (error) {
    if (error instanceof MasterKeyError)
      return [{ check: 'stored keys', level: 'fault', message: error.message }];
    if (isDatabaseUnavailable(error)) return [];
    throw error;
  }
}
