import { describeAddress, type PostgresAddress } from '../config/database-url.ts';
import { disconnect } from '../database/postgres/connection.ts';
import { clientOf, connectionSettings } from '../database/postgres/driver.ts';
import { translate } from '../database/postgres/faults.ts';
import { BLACKLISTED_TOKENS, type ForeignDatabase, type Row } from './django-tables.ts';
import { SourceError } from './source.ts';

const quote = (name: string) => `"${name.replaceAll('"', '""')}"`;

// A server that is not ours: patient enough for a table of millions, and not for ever.
const CONNECT_TIMEOUT_MS = 10_000;
// Of the transaction, because a pooler may stand between. The last one: while the rows are examined
// and nothing is asked.
const BEGIN = `begin transaction isolation level repeatable read read only;
  set local statement_timeout = 600000; set local lock_timeout = 10000;
  set local idle_in_transaction_session_timeout = 600000`;

/**
 * Somebody else's PostgreSQL, as it is at this moment: one transaction that can only read.
 *
 * @throws {SourceError} from here and from its methods; no message has the password
 */
export async function openPostgresSource(address: PostgresAddress): Promise<ForeignDatabase> {
  const explained = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      const { message, name } = translate(error);
      throw new SourceError(`${describeAddress(address)}: ${message || name}`);
    }
  };
  const Client = clientOf(address);
  const { types: _, ...settings } = connectionSettings(address);
  const connectionTimeoutMillis = address.connectTimeout ?? CONNECT_TIMEOUT_MS;
  const client = new Client({ ...settings, connectionTimeoutMillis });
  const query = async (text: string, values: readonly unknown[] = []): Promise<Row[]> =>
    (await explained(client.query(text, [...values]))).rows;
  await explained(client.connect());
  await query(BEGIN);
  return {
    async tables() {
      const columns = await query(
        `select table_name as name, column_name as "column" from information_schema.columns
         where table_schema = any (current_schemas(false)) order by table_name, ordinal_position`,
      );
      const tables = new Map<string, string[]>();
      for (const { name, column } of columns) {
        const known = tables.get(String(name));
        if (known) known.push(String(column));
        else tables.set(String(name), [String(column)]);
      }
      return tables;
    },
    rows: (table, columns) =>
      query(`select ${columns.map(quote).join(', ')} from ${quote(table)} order by 1`),
    async blacklisted(now) {
      return (await query(BLACKLISTED_TOKENS, [new Date(now)])).map(({ token }) => token);
    },
    close: () => disconnect(client),
  };
}
