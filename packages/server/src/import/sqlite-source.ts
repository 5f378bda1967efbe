import { DatabaseSync, type SQLOutputValue } from 'node:sqlite';
import { BLACKLISTED_TOKENS, type ForeignDatabase, type Row } from './django-tables.ts';
import { SourceError } from './source.ts';

const quote = (name: string) => `"${name.replaceAll('"', '""')}"`;
const TABLES = "select name from sqlite_master where type in ('table', 'view')";

/**
 * Somebody else's SQLite file, which is not changed.
 *
 * @throws {SourceError} from here and from its methods when it is not there, locked or damaged
 */
export function openSqliteSource(path: string): ForeignDatabase {
  const explained = <T>(read: () => T): T => {
    try {
      return read();
    } catch (error) {
      throw new SourceError(`${path}: ${error instanceof Error ? error.message : error}`);
    }
  };
  const sqlite = explained(() => new DatabaseSync(path, { readOnly: true, timeout: 5000 }));
  const select = (sql: string, ...values: string[]) =>
    explained(() => {
      const statement = sqlite.prepare(sql);
      // An integer of 64 bits that is no JavaScript number must be a faulty row, not an exception.
      statement.setReadBigInts(true);
      return statement.all(...values);
    });
  select(TABLES);
  return {
    async tables() {
      return new Map(
        select(TABLES).map(({ name }) => {
          const columns = select(`pragma table_info(${quote(String(name))})`);
          return [String(name), columns.map((column) => String(column['name']))];
        }),
      );
    },
    async rows(table, columns) {
      const names = columns.map(quote).join(', ');
      return select(`select ${names} from ${quote(table)} order by 1`).map(withNumbers);
    },
    async blacklisted(now) {
      // Django writes times as text, in UTC, and so they are in order.
      const since = new Date(now).toISOString().slice(0, 19).replace('T', ' ');
      return select(BLACKLISTED_TOKENS.replace('$1', '?'), since).map(({ token }) => token);
    },
    close: async () => sqlite.close(),
  };
}

const withNumbers = (row: Record<string, SQLOutputValue>): Row =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      typeof value === 'bigint'
        ? BigInt(Number(value)) === value
          ? Number(value)
          : String(value)
        : value,
    ]),
  );
