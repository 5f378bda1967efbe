import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import type { ForeignDatabase, ForeignTable, Row } from './foreign-database.ts';
import { SourceError } from './source.ts';
import { openUntouched } from './sqlite-untouched.ts';

/**
 * An SQLite file of another program, which stays unchanged.
 *
 * @throws {SourceError} here and in its methods when the file is missing, locked or damaged
 */
export function openSqliteSource(path: string): ForeignDatabase {
  const explained = <T>(read: () => T): T => {
    try {
      return read();
    } catch (error) {
      throw new SourceError(`${path}: ${error instanceof Error ? error.message : error}`);
    }
  };
  const { sqlite, close } = explained(() => openUntouched(path));
  return {
    description: `SQLite ${path}`,
    tables: async () => explained(() => tablesOf(sqlite)),
    lastNumber: async (table, column) => explained(() => lastNumberOf(sqlite, table, column)),
    async *select(sql, values = []) {
      const rows = explained(() =>
        prepare(sqlite, sql.replace('$1', '?')).iterate(...texts(values)),
      );
      for (;;) {
        const next = explained(() => rows.next());
        if (next.done) return;
        yield withNumbers(next.value);
      }
    },
    joined: (column) => `group_concat(${column})`,
    // Django writes times as text in UTC, which sorts in order.
    asTime: (ms) => new Date(ms).toISOString().slice(0, 19).replace('T', ' '),
    close: async () => explained(close),
  };
}

const texts = (values: readonly unknown[]) => values.map(String);

function prepare(sqlite: DatabaseSync, sql: string) {
  const statement = sqlite.prepare(sql);
  // A 64-bit integer that is not exact in JavaScript must become a faulty row, not an exception.
  statement.setReadBigInts(true);
  return statement;
}

const TABLES = `select name from sqlite_schema where type in ('table', 'view')
  and name not like 'sqlite\\_%' escape '\\'`;
const COLUMNS = 'select name, pk, type from pragma_table_info(?) order by cid';

function tablesOf(sqlite: DatabaseSync): ForeignTable[] {
  const names = sqlite
    .prepare(TABLES)
    .all()
    .map(({ name }) => String(name));
  return names.map((name) => {
    const columns = columnsOf(sqlite, name);
    const keys = columns.filter(({ pk }) => Number(pk) > 0).map((column) => String(column['name']));
    return {
      name,
      table: name,
      schema: 'main',
      fullName: `main.${name}`,
      columns: columns.map((column) => String(column['name'])),
      booleans: columns
        .filter(({ type }) => /^bool/i.test(String(type)))
        .map((column) => String(column['name'])),
      primaryKey: keys.length === 1 ? keys[0] : undefined,
    };
  });
}

function columnsOf(sqlite: DatabaseSync, table: string) {
  try {
    return sqlite.prepare(COLUMNS).all(table);
  } catch {
    // A virtual table whose extension is not loaded here, such as SpatiaLite's.
    return [];
  }
}

/** SQLite keeps this count for primary keys with AUTOINCREMENT, which Django uses. */
function lastNumberOf(
  sqlite: DatabaseSync,
  { table, primaryKey }: ForeignTable,
  column: string,
): number | undefined {
  if (primaryKey !== column) return undefined;
  const definition = sqlite.prepare('select sql from sqlite_schema where name = ?').get(table);
  if (!/\bautoincrement\b/i.test(String(definition?.['sql']))) return undefined;
  const row = prepare(sqlite, 'select seq from sqlite_sequence where name = ?').get(table);
  return Number(row?.['seq'] ?? 0);
}

function withNumbers(row: Record<string, SQLOutputValue>): Row {
  const numbers: Record<string, unknown> = row;
  for (const name in numbers) {
    const value = numbers[name];
    if (typeof value !== 'bigint') continue;
    const number = Number(value);
    numbers[name] = BigInt(number) === value ? number : String(value);
  }
  return numbers;
}
