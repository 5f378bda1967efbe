import type { Logger } from 'pino';
import { isSqliteUnavailable } from './sqlite/faults.ts';

/** The database that the URL names cannot be opened; the message says which and why. */
export class DatabaseOpenError extends Error {
  override name = 'DatabaseOpenError';
}

/** An engine cannot serve now; `cause` is what it said. */
export class DatabaseUnavailableError extends Error {
  override name = 'DatabaseUnavailableError';
  readonly isOutage: boolean = false;
  /** Its code for the reason (SQLSTATE), where it gave one. */
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
 * which becomes a 503, as opposed to a fault of ours, which becomes a 500.
 */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (error instanceof DatabaseOpenError || error instanceof DatabaseUnavailableError) return true;
  return isSqliteUnavailable(error);
}

/**
 * Logs what kept a background task from its work: a database that cannot serve in one line, without
 * a stack; an outage not at all, because the engine says when it begins and ends; a mistake of ours
 * whole.
 */
export function logFault(logger: Logger, error: unknown, message: string): void {
  const reason = error instanceof Error ? error.message : String(error);
  if (isOutage(error)) logger.debug({ reason }, message);
  else if (isDatabaseUnavailable(error)) logger.warn({ reason }, message);
  else logger.error({ err: error }, message);
}

/** SQLSTATE unique_violation. SQLite has one writer, which looked before it wrote. */
const UNIQUE_VIOLATION = '23505';

/** Whether another row has a value that must be unique, by a transaction that committed meanwhile. */
export const isTaken = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === UNIQUE_VIOLATION;
