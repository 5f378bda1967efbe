// SQLite's primary result codes that blame the statement or its data, not the database.
const SQLITE_ERROR = 1;
const SQLITE_BUSY = 5;
const SQLITE_CONSTRAINT = 19;
const SQLITE_MISMATCH = 20;
const SQLITE_RANGE = 25;
const STATEMENT_FAULTS = new Set([SQLITE_ERROR, SQLITE_CONSTRAINT, SQLITE_MISMATCH, SQLITE_RANGE]);

/** The database that the URL names cannot be opened; the message says which and why. */
export class DatabaseOpenError extends Error {
  override name = 'DatabaseOpenError';
}

/** An engine cannot serve now; `cause` is what it said. */
export class DatabaseUnavailableError extends Error {
  override name = 'DatabaseUnavailableError';
  /** Its code for the reason (SQLSTATE), where it gave one. */
  readonly state: string | undefined;

  constructor(message: string, state?: string, cause?: unknown) {
    super(message, { cause });
    this.state = state;
  }
}

const UNDEFINED_TABLE = '42P01';

/** Whether an error says that a table is not there (yet, or any more). */
export const isTableMissing = (error: unknown): boolean =>
  error instanceof DatabaseUnavailableError
    ? error.state === UNDEFINED_TABLE
    : error instanceof Error && /^no such table/.test(error.message);

/**
 * Whether an error means "the database cannot serve now" (busy, full, read-only, damaged, closed),
 * which is answered 503, as opposed to a mistake of ours, which is answered 500.
 */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (error instanceof DatabaseOpenError || error instanceof DatabaseUnavailableError) return true;
  if (!(error instanceof Error)) return false;
  if (/driver has already been destroyed/.test(error.message)) return true;
  if (!('code' in error)) return false;
  if (error.code === 'ERR_INVALID_STATE')
    return /database is not open|statement has been finalized/.test(error.message);
  if (error.code !== 'ERR_SQLITE_ERROR' || !('errcode' in error)) return false;
  // Our statements are fixed and tested: a table that is missing was taken away.
  if (isTableMissing(error)) return true;
  return !STATEMENT_FAULTS.has(Number(error.errcode) & 0xff);
}

/** Whether SQLite refused because another connection holds a lock: worth another try. */
export const isBusy = (error: unknown): boolean =>
  error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === SQLITE_BUSY;
