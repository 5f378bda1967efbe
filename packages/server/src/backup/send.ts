import { sql } from 'kysely';
import type { Tx } from '../database/database.ts';
import type { OpenDatabase } from '../database/open.ts';
import type { Db } from '../database/tables/schema.ts';
import { BackupError, countTo, type Progress } from './backup-error.ts';
import { createDigest, type Digests, digestAll, type TableDigest } from './digest.ts';
import { pagesOf, type Row, TABLE_NAMES, type TableName, tablesIn } from './tables.ts';

// With the widest table, this stays below the limit of parameters of both engines.
const ROWS_AT_ONCE = 500;
/** Tables that are not empty in a new database, or after a server has merely been started. */
const OF_EACH_DATABASE = ['installation', 'token_lifetimes'] as const;

/**
 * Fills an empty database with the contents of another, as of one moment and in one transaction,
 * including the last ids; then reads it again and compares.
 *
 * @returns what was sent
 * @throws {BackupError} when the schemas differ, the target is not empty or differs afterwards
 */
export async function sendAll(
  from: OpenDatabase,
  to: OpenDatabase,
  onProgress: Progress,
): Promise<Digests> {
  const pending = await from.pending();
  if (pending.length > 0)
    throw new BackupError(
      'refused',
      `${from.description} lacks ${pending.join(', ')}: run "gatepass db migrate" with it first.`,
    );
  await to.migrate();
  await refuseUnlessEmpty(to);
  const total = await countRows(from.db);
  const sent = await from.atOneMoment((source) =>
    // The only transaction that awaits foreign work: no other transaction runs on this database.
    to.transaction(async (tx) => {
      for (const table of OF_EACH_DATABASE) await tx.db.deleteFrom(table).execute();
      const tables: Partial<Record<TableName, TableDigest>> = {};
      const progress = countTo('copying', total, onProgress);
      for (const table of TABLE_NAMES) tables[table] = await copyTable(source, tx, table, progress);
      await to.raiseLastIds(tx, await from.lastIds());
      return tables;
    }),
  );
  const arrived = await digestAll(to.db, countTo('comparing', total, onProgress));
  const table = differenceOf(sent, arrived);
  if (table === undefined) return sent;
  throw new BackupError(
    'damaged',
    `${table} differs from the source after copying. Empty ${to.description} and try again.`,
  );
}

/** The first table that two databases hold differently. */
export const differenceOf = (one: Digests, other: Digests): TableName | undefined =>
  TABLE_NAMES.find(
    (table) =>
      one[table]?.rows !== other[table]?.rows || one[table]?.digest !== other[table]?.digest,
  );

async function copyTable(
  source: Db,
  tx: Tx,
  table: TableName,
  onRows: (count: number) => void,
): Promise<TableDigest> {
  const digest = createDigest();
  for await (const page of pagesOf(source, table)) {
    for (let from = 0; from < page.length; from += ROWS_AT_ONCE)
      await insert(tx, table, page.slice(from, from + ROWS_AT_ONCE));
    for (const row of page) digest.add(row);
    onRows(page.length);
  }
  return digest.result();
}

async function insert({ db }: Tx, table: TableName, rows: readonly Row[]): Promise<void> {
  const [first] = rows;
  if (!first) return;
  const columns = Object.keys(first);
  const values = rows.map((row) => sql`(${sql.join(columns.map((column) => row[column]))})`);
  await sql`
    insert into ${sql.table(table)} (${sql.join(columns.map((column) => sql.ref(column)))})
    values ${sql.join(values)}`.execute(db);
}

/** @throws {BackupError} when it has rows; a database without a schema is empty too */
export async function refuseUnlessEmpty(to: OpenDatabase): Promise<void> {
  for (const table of await tablesIn(to.db)) {
    if (OF_EACH_DATABASE.some((each) => each === table)) continue;
    const { rows } = await sql<Row>`select 1 as one from ${sql.table(table)} limit 1`.execute(
      to.db,
    );
    if (rows.length > 0)
      throw new BackupError(
        'refused',
        `${to.description} is not empty: there are rows in ${table}. Nothing is overwritten; name an empty database.`,
      );
  }
}

export async function countRows(db: Db): Promise<number> {
  let total = 0;
  for (const table of TABLE_NAMES) {
    const { rows } = await sql<{ count: number | string }>`
      select count(*) as count from ${sql.table(table)}`.execute(db);
    total += Number(rows[0]?.count ?? 0);
  }
  return total;
}
