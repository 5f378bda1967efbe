/**
 * Owns the connections: engine choice by URL, durability settings, transactions, migrations,
 * health, and every statement that only one engine understands. Owns no table: each feature's
 * store.ts does. Imported by app.ts and the CLI; stores import its types and schema.ts.
 */
import { parseDatabaseUrl } from '../config/database-url.ts';
import type { DatabaseOptions, OpenDatabase } from './database.ts';
import { DatabaseOpenError } from './faults.ts';
import { openPostgresDatabase } from './postgres/open.ts';
import { openSqliteDatabase } from './sqlite/open.ts';

export type { DatabaseOptions, OpenDatabase, Statement } from './database.ts';

/**
 * Opens the database that a URL names. Nothing is migrated yet, and PostgreSQL not yet connected.
 *
 * @param url `sqlite:PATH`, `sqlite::memory:` for tests, or `postgres://USER:PASSWORD@HOST/NAME`
 * @throws {DatabaseOpenError} when the URL cannot be read, the file not opened or created
 * @example const database = openDatabase('sqlite:./data/gatepass.db');
 */
export function openDatabase(url: string, options: DatabaseOptions = {}): OpenDatabase {
  const address = parseDatabaseUrl(url);
  if ('fault' in address) throw new DatabaseOpenError(`The database URL ${address.fault}`);
  if (address.engine === 'sqlite') return openSqliteDatabase(address, options);
  const direct = parseDatabaseUrl(options.directUrl ?? url);
  if ('fault' in direct) throw new DatabaseOpenError(`The direct database URL ${direct.fault}`);
  if (direct.engine !== 'postgres')
    throw new DatabaseOpenError('The direct database URL is not of a PostgreSQL');
  return openPostgresDatabase(address, options, options.directUrl ? direct : undefined);
}

/** The database of a configuration. */
export const openConfigured = (
  { databaseUrl, databaseDirectUrl, databasePoolSize }: Config,
  options: DatabaseOptions = {},
): OpenDatabase =>
  openDatabase(databaseUrl, {
    poolSize: databasePoolSize,
    ...(databaseDirectUrl !== '' && { directUrl: databaseDirectUrl }),
    ...options,
  });

type Config = {
  readonly databaseUrl: string;
  readonly databaseDirectUrl: string;
  readonly databasePoolSize: number;
};
