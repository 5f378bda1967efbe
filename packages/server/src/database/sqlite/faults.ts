// SQLite's primary result codes that blame the statement or its data, not the database.
const SQLITE_ERROR = 1;
const SQLITE_BUSY = 5;
const SQLITE_CONSTRAINT = 19;
const SQLITE_MISMATCH = 20;
const SQLITE_RANGE = 25;
const STATEMENT_FAULTS = new Set([SQLITE_ERROR, SQLITE_CONSTRAINT, SQLITE_MISMATCH, SQLITE_RANGE]);

const isSqliteTableMissing = (error: unknown): boolean =>
  error instanceof Error && /^no such table/.test(error.message);

/** Whether SQLite cannot serve now (busy, full, read-only, damaged, closed). */
export function isSqliteUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (/driver has already been destroyed/.test(error.message)) return true;
  if (!('code' in error)) return false;
  if (error.code === 'ERR_INVALID_STATE')
    return /database is not open|statement has been finalized/.test(error.message);
  if (error.code !== 'ERR_SQLITE_ERROR' || !('errcode' in error)) return false;
  // Our statements are fixed and tested, so a missing table was removed from outside.
  if (isSqliteTableMissing(error)) return true;
  return !STATEMENT_FAULTS.has(Number(error.errcode) & 0xff);
}

/** Whether SQLite refused because another connection holds a lock: worth another try. */
export const isBusy = (error: unknown): boolean =>
  error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === SQLITE_BUSY;
