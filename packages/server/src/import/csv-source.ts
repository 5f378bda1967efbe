import { readFileSync } from 'node:fs';
import { CsvError, parse } from 'csv-parse/sync';
import type { Row } from './django-tables.ts';
import { type Contents, SourceError } from './source.ts';

const KNOWN = ['id', 'email', 'password_hash', 'is_active', 'created_at', 'last_login_at'];

/**
 * A CSV file (RFC 4180) with a header: `email` and `password_hash`, and if known `id`, `is_active`,
 * `created_at`, `last_login_at`.
 *
 * @throws {SourceError} when it cannot be read, or a column is unknown or missing
 */
export function readCsv(path: string): Contents {
  const rows = readRows(path);
  return {
    candidates: rows.map(({ info, record }) => ({
      place: `line ${info.lines}`,
      id: record['id'],
      email: record['email'],
      password: record['password_hash'],
      isActive: record['is_active'],
      createdAt: record['created_at'],
      lastLoginAt: record['last_login_at'],
    })),
    logouts: [],
  };
}

function readRows(path: string) {
  try {
    const options = {
      bom: true,
      info: true,
      columns: checkHeader,
      skip_empty_lines: true,
    } as const;
    return parse(readFileSync(path), options) as unknown as {
      info: { lines: number };
      record: Row;
    }[];
  } catch (error) {
    // Its message would quote the line, and the hash in it.
    if (error instanceof CsvError)
      throw new SourceError(`${path}: line ${error['lines'] ?? '?'}: ${error.code}`);
    throw error instanceof SourceError
      ? error
      : new SourceError(`${path}: ${error instanceof Error ? error.message : error}`);
  }
}

function checkHeader(header: string[]): string[] {
  const unknown = header.filter((name) => !KNOWN.includes(name));
  const missing = ['email', 'password_hash'].filter((name) => !header.includes(name));
  if (unknown.length + missing.length > 0)
    throw new SourceError(
      `The first line must name the columns: ${KNOWN.join(', ')} (email and password_hash are needed). ${missing.length > 0 ? `Missing: ${missing.join(', ')}. ` : ''}${unknown.length > 0 ? `Unknown: ${unknown.join(', ')}.` : ''}`,
    );
  return header;
}
