import { sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import { isTableMissing } from './faults.ts';
import * as usersAndKeys from './migrations/001-users-and-keys.ts';
import * as sessions from './migrations/002-sessions.ts';
import * as audit from './migrations/003-audit.ts';
import * as keyRing from './migrations/004-key-ring.ts';
import * as installation from './migrations/006-installation.ts';
import * as throttle from './migrations/007-throttle.ts';
import * as rotationClients from './migrations/011-rotation-clients.ts';
import type { Db } from './schema.ts';

const migrations = {
  '001-users-and-keys': usersAndKeys,
  '002-sessions': sessions,
  '003-audit': audit,
  '004-key-ring': keyRing,
  '006-installation': installation,
  '007-throttle': throttle,
  '011-rotation-clients': rotationClients,
};

/** The database was written by a newer Gatepass, or a migration failed half-way. */
export class MigrationError extends Error {
  override name = 'MigrationError';
}

/**
 * Brings the schema up to date in one transaction, under a lock, so of several processes starting
 * at once one migrates and the others find nothing to do.
 *
 * @returns the names of the migrations that ran now
 * @throws {MigrationError} when the database is newer than this program
 */
export async function migrateToLatest(db: Db): Promise<string[]> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } });
  const { error, results } = await migrator.migrateToLatest();
  if (error === undefined) return (results ?? []).map((result) => result.migrationName);
  const message = error instanceof Error ? error.message : String(error);
  if (/corrupted migrations|is missing/.test(message)) throw newerDatabase();
  throw error;
}

/** @throws {MigrationError} when the database is newer than this program */
export async function pendingMigrations(db: Db): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`select name from kysely_migration`
    .execute(db)
    .catch((error: unknown) => {
      if (isTableMissing(error)) return { rows: [] };
      throw error;
    });
  const ran = new Set(rows.map(({ name }) => name));
  if ([...ran].some((name) => !(name in migrations))) throw newerDatabase();
  return Object.keys(migrations).filter((name) => !ran.has(name));
}

const newerDatabase = () =>
  new MigrationError(
    'The database was written by a newer version of Gatepass. Start that version, or restore a backup made by this one.',
  );
