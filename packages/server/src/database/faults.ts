import type { Logger } from 'pino';
import { isSqliteUnavailable } from './sqlite/faults.ts';

/** The database of the URL cannot be opened; the message says which one and why. */
export class DatabaseOpenError extends Error {
  override name = 'DatabaseOpenError';
}

/** An engine cannot serve now; `cause` is its error. */
export class DatabaseUnavailableError extends Error {
  override name = 'DatabaseUnavailableError';
  readonly isOutage: boolean = false;
  /** The engine's code for the reason (SQLSTATE), if it gave one. */
  readonly state: string | undefined;

  constructor(message: string, state?: string, cause?: unknown) {
    super(message, { cause });
    this.state = state;
  }
}

/** Whether the connection was lost or refused: the engine itself says so once, and when it is over. */
export const isOutage = (error: unknown): boolean =>
  error instanceof DatabaseUnavailableError && error.isOutage;

/**
 * Whether an error means "the database cannot serve now" (busy, full, read-only, damaged, closed),
 * which becomes a 503. A bug in Gatepass becomes a 500.
 */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (error instanceof DatabaseOpenError || error instanceof DatabaseUnavailableError) return true;
  return isSqliteUnavailable(error);
}

/**
 * Logs why a background task failed: in one line if the database cannot serve; with its stack if it
 * is a bug; not at all during an outage, whose beginning and end the engine reports itself.
 */
export function logFault(logger: Logger, error: unknown, message: string): void {
  const reason = error instanceof Error ? error.message : String(error);
  if (isOutage(error)) logger.debug({ reason }, message);
  else if (isDatabaseUnavailable(error)) logger.warn({ reason }, message);
  else logger.error({ err: error }, message);
}

/** SQLSTATE unique_violation. SQLite has a single writer, which checks before it writes. */
const UNIQUE_VIOLATION = '23505';

/** Whether a transaction that committed meanwhile has taken a value that must be unique. */
export const isTaken = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === UNIQUE_VIOLATION;
