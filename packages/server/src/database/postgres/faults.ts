import type { DatabaseError } from 'pg';
import { DatabaseOpenError, DatabaseUnavailableError } from '../faults.ts';

/** SQLSTATE classes that blame the statement or its data, not the database. */
const STATEMENT_FAULTS = new Set(['0A', '20', '21', '22', '23', '25', '26', '34', '42', 'P0']);
// Codes of those classes that do blame the database: read-only, idle for too long, a table or a
// privilege was removed.
const TAKEN_AWAY = new Set(['25006', '25P03', '42P01', '42501']);
/** Conflicts with another transaction: a retry may succeed. */
const CONFLICTS = new Set(['40001', '40P01']);
const DATA_EXCEPTION = '22';

/** The connection is gone or in an unknown state; it must not be used again. */
export class ConnectionLostError extends DatabaseUnavailableError {
  override name = 'ConnectionLostError';
  override readonly isOutage = true;
}

/**
 * Translates an error of the driver: unavailable (503), or a bug, in which case nothing of the row
 * or the value stays in it.
 */
export function translate(error: unknown): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  if (error instanceof DatabaseUnavailableError || error instanceof DatabaseOpenError) return error;
  if (isProgrammingMistake(error)) return error;
  const misconfigured = explanationOf(error.message);
  if (misconfigured) return new DatabaseOpenError(misconfigured, { cause: error });
  const state = stateOf(error);
  if (state === undefined) return new ConnectionLostError(reasonOf(error), undefined, error);
  const isMistake = STATEMENT_FAULTS.has(state.slice(0, 2)) && !TAKEN_AWAY.has(state);
  if (isMistake) return withoutData(error as DatabaseError, state);
  // FATAL: the server ends the connection with it.
  return 'severity' in error && error.severity !== 'ERROR'
    ? new ConnectionLostError(error.message, state, error)
    : new DatabaseUnavailableError(error.message, state, error);
}

/** What the operator has to change, if the message of the driver or the server does not say it. */
function explanationOf(message: string): string | undefined {
  if (/^SASL: .*client password must be a/.test(message))
    return 'PostgreSQL asks for a password; the URL has none and PGPASSWORD is not set';
  if (/^unsupported startup parameter/.test(message))
    return 'a pooler stands between and refuses the "options" of the URL: set them for the role (alter role … set search_path = …)';
  if (/transaction blocks not allowed in statement pooling mode/.test(message))
    return 'a pooler in statement mode stands between, which allows no transactions: use its transaction or session mode';
  if (/^no pg_hba\.conf entry .*no encryption/.test(message))
    return 'the server takes encrypted connections only: add ?sslmode=require, or better verify-full, to the URL';
  if (/^The server does not support SSL connections/.test(message))
    return 'the server does not speak TLS, which the sslmode of the URL asks for';
  return undefined;
}

export const isConflict = (error: unknown): boolean =>
  error instanceof DatabaseUnavailableError && CONFLICTS.has(error.state ?? '');

// A wrong argument to the driver, or a bug in a callback.
const isProgrammingMistake = (error: Error): boolean =>
  error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError;

/** Five characters from the server; the driver and Node have codes of other forms. */
const stateOf = (error: Error): string | undefined =>
  'severity' in error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;

// For localhost every address is tried, and the AggregateError has no message.
const reasonOf = (error: Error): string =>
  error instanceof AggregateError && error.message === ''
    ? error.errors.map((each) => (each instanceof Error ? each.message : '')).join('; ')
    : error.message;

function withoutData(error: DatabaseError, state: string): Error {
  // "Key (email)=(…) already exists", "Failing row contains (…)".
  error.detail = undefined;
  error.where = undefined;
  error.internalQuery = undefined;
  // "invalid input syntax for type bigint: …"
  if (state.startsWith(DATA_EXCEPTION))
    error.message = `a value that PostgreSQL refuses (${state})`;
  return error;
}
