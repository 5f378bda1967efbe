/** The list of migrations, which of them have run, and running the rest. */

import type { Migration } from 'kysely/migration';
import * as usersAndKeys from './migrations/001-users-and-keys.ts';
import * as sessions from './migrations/002-sessions.ts';
import * as audit from './migrations/003-audit.ts';
import * as keyRing from './migrations/004-key-ring.ts';
import * as installation from './migrations/006-installation.ts';
import * as throttle from './migrations/007-throttle.ts';
import * as seriesOfSessions from './migrations/008-series-of-sessions.ts';
import * as throttleKey from './migrations/009-throttle-key.ts';
import * as rotationClients from './migrations/011-rotation-clients.ts';
import * as mail from './migrations/013-mail.ts';
import * as claims from './migrations/014-claims.ts';
import * as identities from './migrations/015-identities.ts';
import * as awaitsProof from './migrations/016-awaits-proof.ts';
import * as administration from './migrations/017-administration.ts';
import * as secondFactors from './migrations/018-second-factors.ts';
import * as factorsRequired from './migrations/019-factors-required.ts';
import * as apiKeys from './migrations/020-api-keys.ts';
import * as lists from './migrations/021-lists.ts';
import * as activity from './migrations/022-activity.ts';
import * as passkeys from './migrations/023-passkeys.ts';
import * as events from './migrations/024-events.ts';
import * as lastBackup from './migrations/025-last-backup.ts';
import * as fewAccounts from './migrations/026-few-accounts.ts';
import * as fromElsewhere from './migrations/027-from-elsewhere.ts';
import * as passkeyDomain from './migrations/028-passkey-domain.ts';
import type { Db } from './tables/schema.ts';

const migrations: Readonly<Record<string, Migration>> = {
  '001-users-and-keys': usersAndKeys,
  '002-sessions': sessions,
  '003-audit': audit,
  '004-key-ring': keyRing,
  '006-installation': installation,
  '007-throttle': throttle,
  '008-series-of-sessions': seriesOfSessions,
  '009-throttle-key': throttleKey,
  '011-rotation-clients': rotationClients,
  '013-mail': mail,
  '014-claims': claims,
  '015-identities': identities,
  '016-awaits-proof': awaitsProof,
  '017-administration': administration,
  '018-second-factors': secondFactors,
  '019-factors-required': factorsRequired,
  '020-api-keys': apiKeys,
  '021-lists': lists,
  '022-activity': activity,
  '023-passkeys': passkeys,
  '024-events': events,
  '025-last-backup': lastBackup,
  '026-few-accounts': fewAccounts,
  '027-from-elsewhere': fromElsewhere,
  '028-passkey-domain': passkeyDomain,
};

const FIRST = '001-users-and-keys';
/** Kysely's table of migrations, which versions before `gatepass_migration` used. */
const FORMER_TABLE = 'kysely_migration';
/** Recorded there to stop those versions: they refuse to start on an unknown migration. */
const MOVED = '999-moved-to-gatepass_migration';

/** The database cannot be brought to the schema of this program; the message says why. */
export class MigrationError extends Error {
  override name = 'MigrationError';
}

/** A database as the migrations see it. */
export type Place = {
  readonly db: Db;
  hasTable(name: string): Promise<boolean>;
  /** For people: engine and place. */
  readonly description: string;
  /** Other schemas that may hold the tables. */
  readonly advice: string;
};

/**
 * Runs the missing migrations. The caller provides a transaction and the lock that keeps other
 * processes from doing the same.
 *
 * @returns the names of the migrations that ran now
 * @throws {MigrationError} when the database is newer than this program, or is another program's
 */
export async function runMigrations(place: Place): Promise<string[]> {
  const missing = await pendingMigrations(place);
  const { db } = place;
  if (!(await place.hasTable('gatepass_migration'))) await createTable(place);
  const isNew = missing.includes(FIRST);
  for (const [name, { up }] of Object.entries(migrations)) {
    if (!missing.includes(name)) continue;
    await up(db).catch((error: unknown) => {
      throw isNew ? explain(error, place) : error;
    });
    await note(db, [name]);
  }
  return missing;
}

/** @throws {MigrationError} when the database is newer than this program */
export const isUpToDate = async (place: Place): Promise<boolean> =>
  (await place.hasTable('gatepass_migration')) && (await pendingMigrations(place)).length === 0;

/** @throws {MigrationError} when the database is newer than this program */
export async function pendingMigrations(place: Place): Promise<string[]> {
  const ran = new Set(
    (await place.hasTable('gatepass_migration'))
      ? await namesIn(place.db, 'gatepass_migration')
      : await formerNames(place),
  );
  if ([...ran].some((name) => !(name in migrations))) throw newerDatabase();
  return Object.keys(migrations).filter((name) => !ran.has(name));
}

async function createTable(place: Place): Promise<void> {
  const { db } = place;
  await db.schema
    .createTable('gatepass_migration')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('ran_at', 'bigint', (column) => column.notNull())
    .execute();
  const former = await formerNames(place);
  if (former.length === 0) return;
  await note(db, former);
  await db
    .insertInto(FORMER_TABLE)
    .values({ name: MOVED, timestamp: new Date().toISOString() })
    .execute();
}

/** The migrations recorded by an earlier version; none if another program uses Kysely's table. */
async function formerNames(place: Place): Promise<string[]> {
  if (!(await place.hasTable(FORMER_TABLE))) return [];
  const names = await namesIn(place.db, FORMER_TABLE);
  return names.includes(FIRST) ? names : [];
}

async function namesIn(db: Db, table: 'gatepass_migration' | typeof FORMER_TABLE) {
  const rows = await db.selectFrom(table).select('name').orderBy('name').execute();
  return rows.map(({ name }) => name);
}

async function note(db: Db, names: readonly string[]): Promise<void> {
  const ran_at = Date.now();
  await db
    .insertInto('gatepass_migration')
    .values(names.map((name) => ({ name, ran_at })))
    .execute();
}

function explain(error: unknown, { description, advice }: Place): unknown {
  const message = error instanceof Error ? error.message : '';
  const [, name] = /(?:relation|table|index) "?(\w+)"? already exists/.exec(message) ?? [];
  if (name === undefined) return error;
  return new MigrationError(
    `${description} holds "${name}" of another program; nothing was created. ${advice}`,
    { cause: error },
  );
}

const newerDatabase = () =>
  new MigrationError(
    'The database was written by a newer version of Gatepass. Start that version, or restore a backup made by this one.',
  );
