import type { LastIds } from '../database.ts';
import { NUMBERED } from '../database.ts';
import { type Connection, run } from './connection.ts';

/** The column that a sequence numbers. */
export const numberOf = (table: string): string => (table === 'revocations' ? 'seq' : 'id');

/** The highest number that each sequence ever gave; nothing of tables that are not there yet. */
export async function readLastIds(connection: Connection): Promise<LastIds> {
  const ids: Record<string, number> = {};
  for (const table of NUMBERED) {
    const { rows } = await run(connection, LAST_ID, [table, numberOf(table)]);
    const last: unknown = rows[0]?.['last'];
    if (typeof last === 'number') ids[table] = last;
  }
  return ids;
}

// A sequence that has given nothing yet has no last value.
const LAST_ID = `select last_value as last from pg_sequences
  where format('%I.%I', schemaname, sequencename) =
    (select pg_get_serial_sequence($1, $2) where to_regclass($1) is not null)`;

/** Of a table and its column: up or nowhere, and at once, whatever becomes of the transaction. */
export const RAISE_LAST_ID = {
  name: 'gatepass_raise',
  text: `select setval(pg_get_serial_sequence($1, $2), $3::bigint)
    where $3::bigint > coalesce(
      (select last_value from pg_sequences
        where format('%I.%I', schemaname, sequencename) = pg_get_serial_sequence($1, $2)), 0)`,
};
