import type { LastIds, Numbers } from '../database.ts';
import { NUMBERED } from '../database.ts';
import { type Connection, run } from './connection.ts';

/** The column that a sequence numbers. */
export const numberOf = (table: string): string => (table === 'revocations' ? 'seq' : 'id');

/** The highest number that each sequence has assigned; tables that do not exist yet are left out. */
export async function readLastIds(connection: Connection): Promise<LastIds> {
  const ids: Record<string, number> = {};
  for (const table of NUMBERED) {
    const { rows } = await run(connection, LAST_ID, [table, numberOf(table)]);
    const last: unknown = rows[0]?.['last'];
    if (typeof last === 'number') ids[table] = last;
  }
  return ids;
}

/**
 * One statement. A transaction that commits between its snapshot and its read of the locks is no
 * longer a writer, and its rows can be read by the next statement.
 */
export async function readAuditNumbers(connection: Connection): Promise<Numbers> {
  const { rows } = await run(connection, AUDIT_NUMBERS);
  const { head, writers } = rows[0] ?? {};
  return {
    head: typeof head === 'number' ? head : 0,
    writers: Array.isArray(writers) ? writers.map(String) : [],
  };
}

// An INSERT holds this lock from before it takes a number until after its commit can be seen.
const AUDIT_NUMBERS = {
  name: 'gatepass_audit_numbers',
  text: `select (select coalesce(max(id), 0) from audit_events) as head,
    array(select virtualtransaction from pg_locks
      where relation = 'audit_events'::regclass and mode = 'RowExclusiveLock' and granted
        and database = (select oid from pg_database where datname = current_database())) as writers`,
};

// An unused sequence has no last value.
const LAST_ID = `select last_value as last from pg_sequences
  where format('%I.%I', schemaname, sequencename) =
    (select pg_get_serial_sequence($1, $2) where to_regclass($1) is not null)`;

/** For a table and its column: raises only, at once, even if the transaction rolls back. */
export const RAISE_LAST_ID = {
  name: 'gatepass_raise',
  text: `select setval(pg_get_serial_sequence($1, $2), $3::bigint)
    where $3::bigint > coalesce(
      (select last_value from pg_sequences
        where format('%I.%I', schemaname, sequencename) = pg_get_serial_sequence($1, $2)), 0)`,
};
