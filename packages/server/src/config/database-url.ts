/** The address of a database, parsed from its URL. Pure; nothing here shows a password. */

import type { Faulty } from './parsed.ts';
import { type PostgresAddress, postgresAddress } from './postgres-url.ts';
import { type SqliteAddress, sqliteAddress } from './sqlite-url.ts';

export type { PostgresAddress, SqliteAddress };
export type DatabaseAddress = SqliteAddress | PostgresAddress;

// Django's names of PostgreSQL, and SQLAlchemy's with the driver behind a "+".
const POSTGRES =
  /^(?:postgres|postgresql|pgsql|psql|postgis|timescale|timescalegis)(?:\+\w+)?:\/\//i;
const OTHER_SQLITE = /^(?:sqlite3|file|libsql|jdbc:sqlite|sqlite\+\w+):/i;

/**
 * @returns the address, or the reason why it is none; never a part of the URL that may be secret
 * @example parseDatabaseUrl('postgres://gatepass:secret@db.example.com/gatepass?sslmode=verify-full')
 */
export function parseDatabaseUrl(text: string): DatabaseAddress | Faulty {
  const path = /^sqlite:(.*)$/is.exec(text)?.[1];
  if (path !== undefined) return sqliteAddress(path);
  if (POSTGRES.test(text)) return postgresAddress(text.replace(POSTGRES, ''));
  return { fault: `names no database that is known: ${adviceFor(text)}` };
}

function adviceFor(text: string): string {
  if (OTHER_SQLITE.test(text)) return 'write sqlite:PATH';
  const postgres = 'write postgres://USER:PASSWORD@HOST:PORT/NAME';
  return /postgres|dbname=/i.test(text.slice(0, 20))
    ? postgres
    : `write sqlite:PATH or ${postgres.slice(6)}`;
}

/** The printable part of a URL, valid or not: engine and place, never credentials. */
export function describeUrl(url: string): string {
  const address = parseDatabaseUrl(url);
  return 'fault' in address ? `a database URL that ${address.fault}` : describeAddress(address);
}

/** For people: engine and place, never credentials. */
export function describeAddress(address: DatabaseAddress): string {
  if (address.engine === 'sqlite') return `SQLite ${address.path}`;
  const { host = 'localhost', port, database } = address;
  return `PostgreSQL ${host.includes(':') ? `[${host}]` : host}:${port}/${database}`;
}

/** Whether only the connection that opened it can use the database. */
export const isInMemory = (url: string): boolean => /^sqlite:.*:memory:/.test(url);
