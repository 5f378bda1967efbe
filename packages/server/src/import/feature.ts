import type { Audit } from '../audit/audit.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import type { Database } from '../database/database.ts';
import type { AppArrivals } from '../mfa/app-arrivals.ts';
import type { ForeignLogouts } from '../sessions/foreign-logouts.ts';
import type { Arrivals } from '../users/arrivals.ts';
import { createImporter } from './importer.ts';

type Deps = { readonly config: Config; readonly database: Database; readonly clock: Clock };
type Uses = {
  readonly audit: Audit;
  readonly arrivals: Arrivals;
  readonly appArrivals: AppArrivals;
  readonly foreignLogouts: ForeignLogouts;
};

/** The import of accounts. */
export const createImport = ({ config, database, clock }: Deps, uses: Uses) =>
  createImporter({
    ...uses,
    transaction: database.transaction,
    clock,
    userIdClaim: config.userIdClaim,
  });
