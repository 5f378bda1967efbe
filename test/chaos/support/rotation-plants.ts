/** Planted bugs of rotation: each lets two requests spend one refresh token. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Transaction, Tx } from '../../../packages/server/src/database/database.ts';
import type { OpenDatabase } from '../../../packages/server/src/database/open.ts';

type Prepare = OpenDatabase['prepare'];

const isAdvance = (sql: string) => /^update "sessions" set "generation"/.test(sql);
const isFind = (sql: string) => /^select .* from "sessions"/.test(sql);
/** Replaces the row whatever state was read; every value keeps its place. */
const unconditional = (sql: string) => {
  const condition = /and "(?:generation|given_at|late_generation|late_streak)" = (\?|\$\d+)/g;
  const changed = sql.replace(condition, 'and cast($1 as bigint) >= 0');
  if (changed === sql) throw new Error('the planted bug no longer fits the statement');
  return changed;
};

/** I3: SELECT, then UPDATE without the generation, and no transaction around them. */
function selectThenUpdate(database: OpenDatabase): OpenDatabase {
  const isFile = database.file !== undefined;
  let writer: Tx = { db: database.db };
  // An SQLite file is written on one connection, which a transaction lends; PostgreSQL on any.
  const captured = database.transaction(async (tx) => {
    if (isFile) writer = tx;
  });
  const prepare: Prepare = (query) => {
    const sql = isAdvance(query.sql) ? unconditional(query.sql) : query.sql;
    const statement = database.prepare<never>({ ...query, sql });
    return {
      read: statement.read,
      async within(tx, ...values) {
        const row = await (isFile ? statement.within(tx, ...values) : statement.read(...values));
        if (isFind(sql)) await sleep(1);
        return row;
      },
    };
  };
  const transaction: Transaction = async (work) => {
    await captured;
    return work(writer);
  };
  return {
    ...database,
    prepare,
    transaction,
    takeTurn: async () => {},
    notifications: { ...database.notifications, publish: async () => {} },
  };
}

/** I3b: the generation is counted in memory, where no rollback reaches it. */
function counterInMemory(database: OpenDatabase): OpenDatabase {
  const rows = new Map<unknown, object>();
  const prepare: Prepare = (query) => {
    if (isAdvance(query.sql)) {
      const sql = unconditional(query.sql);
      const columns = [...sql.matchAll(/"(\w+)" = (?:\?|\$\d+)/g)].map(([, name]) => name);
      const statement = database.prepare<never>({ ...query, sql });
      return {
        read: statement.read,
        within(tx, ...values) {
          const row = Object.fromEntries(columns.map((name, i) => [name, values[i]]));
          rows.set(row['id'], row);
          return statement.within(tx, ...values);
        },
      };
    }
    const statement = database.prepare<never>(query);
    if (!isFind(query.sql)) return statement;
    return {
      read: statement.read,
      async within(tx, ...values) {
        const row = await statement.within(tx, ...values);
        return row && Object.assign(row, rows.get(values[0]));
      },
    };
  };
  return { ...database, prepare };
}

export const rotationPlants = { I3: selectThenUpdate, I3b: counterInMemory };
