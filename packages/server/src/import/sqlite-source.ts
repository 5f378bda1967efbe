import { DatabaseSync } from 'node:sqlite';
import type { ForeignDatabase, Row } from './django-tables.ts';
import { SourceError } from './source.ts';

const quote = (name: string) => `"${name.replaceAll('"', '""')}"`;

/**
 * Somebody else's SQLite file, which is not changed.
 *
 * @throws {SourceError} when it is not there or no database
 */
export function openSqliteSource(path: string): ForeignDatabase {
  const sqlite = open(path);
  return {
    async tables() {
      const names = sqlite.prepare("select name from sqlite_master where type = 'table'").all();
      return new Map(
        names.map(({ name }) => {
          const columns = sqlite.prepare(`pragma table_info(${quote(String(name))})`).all();
          return [String(name), columns.map((column) => String(column['name']))];
        }),
      );
    },
    async rows(table, columns) {
      const names = columns.map(quote).join(', ');
      const statement = sqlite.prepare(`select ${names} from ${quote(table)} order by 1`);
      return statement.all() as Row[];
    },
    close: async () => sqlite.close(),
  };
}

function open(path: string): DatabaseSync {
  try {
    const sqlite = new DatabaseSync(path, { readOnly: true });
    sqlite.prepare('select count(*) from sqlite_master').get();
    return sqlite;
  } catch (error) {
    throw new SourceError(`${path}: ${error instanceof Error ? error.message : error}`);
  }
}
