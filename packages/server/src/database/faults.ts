import { isSqliteUnavailable } from './sqlite/faults.ts';

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

/**
 * Whether an error means "the database cannot serve now" (busy, full, read-only, damaged, closed),
 * which is answered 503, as opposed to a mistake of ours, which is answered 500.
 */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (error instanceof DatabaseOpenError || error instanceof DatabaseUnavailableError) return true;
  return isSqliteUnavailable(error);
}
