import { createRequire } from 'node:module';
import type { ClientConfig } from 'pg';
import { describeAddress, type PostgresAddress } from '../config/database-url.ts';
import { connectionSettings } from '../database/postgres/pool.ts';
import { BLACKLISTED_TOKENS, type ForeignDatabase, type Row } from './django-tables.ts';
import { SourceError } from './source.ts';

const quote = (name: string) => `"${name.replaceAll('"', '""')}"`;

// A server that is not ours: patient enough for a table of millions, and not for ever.
const PATIENCE = {
  connectionTimeoutMillis: 10_000,
  statement_timeout: 10 * 60_000,
  lock_timeout: 10_000,
  // While the rows are examined and nothing is asked.
  idle_in_transaction_session_timeout: 10 * 60_000,
} satisfies ClientConfig;

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
      const reason = error instanceof Error ? error.message || error.name : String(error);
      throw new SourceError(`${describeAddress(address)}: ${reason}`);
    }
  };
  const { Client }: typeof import('pg') = createRequire(import.meta.url)('pg');
  const { types: _, ...settings } = connectionSettings(address);
  const client = new Client({ ...settings, ...PATIENCE });
  // Unheard, a lost connection would end the process; the statement in progress tells of it.
  client.on('error', () => {});
  const query = async (text: string, values: readonly unknown[] = []): Promise<Row[]> =>
    (await explained(client.query(text, [...values]))).rows;
  await explained(client.connect());
  await query('begin transaction isolation level repeatable read read only');
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
    close: () => client.end(),
  };
}
