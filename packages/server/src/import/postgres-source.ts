import { describeAddress, type PostgresAddress } from '../config/database-url.ts';
import { disconnect } from '../database/postgres/connection.ts';
import { clientOf, connectionSettings } from '../database/postgres/driver.ts';
import { translate } from '../database/postgres/faults.ts';
import type { ForeignDatabase, ForeignTable, Row } from './foreign-database.ts';
import { SourceError } from './source.ts';

// Timeouts for a foreign server: long enough for a table of millions, but finite.
const CONNECT_TIMEOUT_MS = 10_000;
// Set for the transaction, because a pooler may be in between. The last one covers the time while
// rows are examined and no statement runs.
const BEGIN = `begin transaction isolation level repeatable read read only;
  set local statement_timeout = 600000; set local lock_timeout = 10000;
  set local idle_in_transaction_session_timeout = 600000`;
const ROWS_AT_ONCE = 2000;

/**
 * A PostgreSQL database of another program, in one read-only transaction.
 *
 * @throws {SourceError} here and in its methods; no message contains the password
 */
export async function openPostgresSource(address: PostgresAddress): Promise<ForeignDatabase> {
  const description = describeAddress(address);
  const explained = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      const { message, name } = translate(error);
      throw new SourceError(`${description}: ${message || name}`);
    }
  };
  const Client = clientOf(address);
  const { types: _, ...settings } = connectionSettings(address);
  const connectionTimeoutMillis = address.connectTimeout ?? CONNECT_TIMEOUT_MS;
  const client = new Client({ ...settings, connectionTimeoutMillis });
  const query = async (text: string, values: readonly unknown[] = []): Promise<Row[]> =>
    (await explained(client.query(text, [...values]))).rows;
  let cursors = 0;
  await explained(client.connect());
  await query(BEGIN);
  return {
    description,
    tables: async () => (await query(TABLES)).map(tableOf),
    async lastNumber({ schema, table }, column) {
      const numbers: number[] = [];
      for (const { sequence, readable } of await query(SEQUENCES, [schema, table, column])) {
        if (!readable) return undefined;
        const [row] = await query(`select last_value as last, is_called from ${sequence}`);
        numbers.push(Number(row?.['last']) - (row?.['is_called'] ? 0 : 1));
      }
      return numbers.length > 0 ? Math.max(...numbers) : undefined;
    },
    async *select(sql, values) {
      const cursor = `gatepass_${++cursors}`;
      await query(`declare ${cursor} no scroll cursor for ${sql}`, values);
      for (;;) {
        const rows = await query(`fetch ${ROWS_AT_ONCE} from ${cursor}`);
        yield* rows;
        if (rows.length < ROWS_AT_ONCE) break;
      }
      await query(`close ${cursor}`);
    },
    joined: (column) => `string_agg(${column}::text, ',')`,
    asTime: (ms) => new Date(ms),
    close: () => disconnect(client),
  };
}

const tableOf = (row: Row): ForeignTable => {
  const [schema, table] = [String(row['schema']), String(row['table'])];
  return {
    schema,
    table,
    name: row['visible'] ? table : `${schema}.${table}`,
    fullName: `${schema}.${table}`,
    columns: row['columns'] as string[],
    primaryKey: (row['key'] as string | null) ?? undefined,
  };
};

// From the catalogue, which also has the tables that this role may not read: if one of them may be
// the users, the operator is asked instead of another table being taken.
const TABLES = `
  select n.nspname as schema, c.relname as table, pg_table_is_visible(c.oid) as visible,
    array_agg(a.attname::text order by a.attnum) as columns,
    (select k.attname::text from pg_index i join pg_attribute k on k.attrelid = i.indrelid and k.attnum = i.indkey[0]
      where i.indrelid = c.oid and i.indisprimary and i.indnatts = 1) as key
  from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid
  where c.relkind in ('r', 'p', 'v', 'm', 'f') and not c.relispartition and a.attnum > 0 and not a.attisdropped
    and n.nspname <> 'information_schema' and n.nspname !~ '^pg_'
  group by n.nspname, c.relname, c.oid`;

// Sequences that belong to the column (serial, identity), and the one of its default.
const SEQUENCES = `
  select distinct s.oid::regclass::text as sequence, has_sequence_privilege(s.oid, 'select') as readable
  from pg_attribute a join pg_class t on t.oid = a.attrelid join pg_namespace n on n.oid = t.relnamespace
    left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    join pg_depend p on (p.classid = 'pg_class'::regclass and p.refclassid = 'pg_class'::regclass
        and p.refobjid = t.oid and p.refobjsubid = a.attnum and p.deptype in ('a', 'i'))
      or (p.classid = 'pg_attrdef'::regclass and p.objid = d.oid and p.refclassid = 'pg_class'::regclass)
    join pg_class s on s.relkind = 'S' and s.oid in (p.objid, p.refobjid)
  where n.nspname = $1 and t.relname = $2 and a.attname = $3`;
