/** Migrations on a PostgreSQL: one transaction, under a lock that ends with it. */
import { sql } from 'kysely';
import { describeAddress, type PostgresAddress } from '../../config/database-url.ts';
import { NUMBERED } from '../database.ts';
import { DatabaseOpenError, DatabaseUnavailableError } from '../faults.ts';
import { isUpToDate, type Place, runMigrations } from '../migrations.ts';
import type { Db } from '../tables/schema.ts';
import { buildOn } from './builder.ts';
import {
  begin,
  type Connection,
  connectAlone,
  disconnect,
  READ_COMMITTED,
  run,
  UNLIMITED,
} from './connection.ts';

// For this lock and for the locks on the tables that are changed.
const LOCK_TIMEOUT_MS = 10_000;
// An arbitrary number, the first half of our advisory locks: all programs of a database share them.
export const LOCK_SPACE = 1_196_578_675;
const MIGRATION = 1;
const WRITTEN = [...NUMBERED, 'sessions', 'signing_keys', 'throttle_counts'];
const LOCK_NOT_AVAILABLE = '55P03';
const INSUFFICIENT_PRIVILEGE = '42501';
const LOCK = `select pg_advisory_xact_lock(${LOCK_SPACE}, ${MIGRATION})`;
const LIMITS = { ...UNLIMITED, lock_timeout: LOCK_TIMEOUT_MS };

/** The database as the migrations see it. */
export const placeOf = (db: Db, address: PostgresAddress): Place => ({
  db,
  async hasTable(name) {
    const { rows } = await sql<{ found: boolean }>`
      select to_regclass(${name}) is not null as found`.execute(db);
    return rows[0]?.found ?? false;
  },
  description: describeAddress(address),
  advice:
    'Give Gatepass a database of its own, or a schema: create schema gatepass, and ?options=-c%20search_path%3Dgatepass in the URL.',
});

/**
 * Brings the schema up to date.
 *
 * @param throughPool most starts find there that nothing is to be done, and connect once less
 * @param address of a connection for the changes, without a pooler
 * @returns the names of the migrations that ran
 */
export const migrate = (throughPool: Place, address: PostgresAddress): Promise<string[]> =>
  explained(async () =>
    (await isUpToDate(throughPool))
      ? []
      : alone(address, (place, connection) => runUnderLock(place, connection, 'commit')),
  );

/** Fails as `migrate` would, and where the tables may not be written; changes nothing. */
export const rehearse = (address: PostgresAddress): Promise<void> =>
  explained(() =>
    alone(address, async (place, connection) => {
      if (await isUpToDate(place)) await requirePrivileges(place);
      else await runUnderLock(place, connection, 'rollback');
    }),
  );

/** On a connection that ends with the work, and with it what is not committed and the lock. */
async function alone<T>(
  address: PostgresAddress,
  work: (place: Place, connection: Connection) => Promise<T>,
): Promise<T> {
  const connection = await connectAlone(address);
  try {
    return await work(placeOf(buildOn(connection), address), connection);
  } finally {
    await disconnect(connection);
  }
}

async function runUnderLock(
  place: Place,
  connection: Connection,
  end: 'commit' | 'rollback',
): Promise<string[]> {
  await begin(connection, READ_COMMITTED, LIMITS);
  await run(connection, LOCK);
  await requireSchema(place);
  const ran = await runMigrations(place);
  await run(connection, end);
  return ran;
}

async function requireSchema({ db, description }: Place): Promise<void> {
  const { rows } = await sql<{ schema: string | null; may_create: boolean | null; role: string }>`
    select current_schema() as schema, current_user as role,
      has_schema_privilege(current_schema(), 'CREATE') as may_create`.execute(db);
  const { schema, may_create: mayCreate, role } = rows[0] ?? { schema: null, role: '' };
  if (schema === null)
    throw new DatabaseOpenError(
      `the search_path of ${role} names no schema that exists in ${description}`,
    );
  if (!mayCreate)
    throw new DatabaseOpenError(
      `${role} may create no tables in the schema ${schema} of ${description}: grant create on schema ${schema} to ${role}, or make it the owner of the database`,
    );
}

/** Tables made by another role can exist and still not be usable. */
async function requirePrivileges({ db, description }: Place): Promise<void> {
  const { rows } = await sql<{ table: string; role: string }>`
    select t.name as table, current_user as role from unnest(${WRITTEN}::text[]) as t(name)
    where not (has_table_privilege(t.name, 'SELECT') and has_table_privilege(t.name, 'INSERT')
      and has_table_privilege(t.name, 'UPDATE') and has_table_privilege(t.name, 'DELETE'))`.execute(
    db,
  );
  const [first] = rows;
  if (!first) return;
  throw new DatabaseOpenError(
    `${first.role} may not read and write the table ${first.table} of ${description}: use the role that owns it, or grant select, insert, update, delete on all tables of its schema`,
  );
}

async function explained<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw explain(error);
  }
}

function explain(error: unknown): unknown {
  if (!(error instanceof DatabaseUnavailableError)) return error;
  if (error.state === LOCK_NOT_AVAILABLE)
    return new DatabaseUnavailableError(
      `another process brings the schema up to date or locks a table, for more than ${LOCK_TIMEOUT_MS / 1000} seconds`,
      error.state,
      error,
    );
  return error.state === INSUFFICIENT_PRIVILEGE
    ? new DatabaseOpenError(error.message, { cause: error })
    : error;
}
