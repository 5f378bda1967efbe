import { sql } from 'kysely';
import type { Tx } from '../database/group-commit.ts';
import type { Database } from '../database/open.ts';
import type { Db } from '../database/schema.ts';
import { type Progress, TransferError } from './backup.ts';
import { createDigest, type Digests, digestAll, type TableDigest } from './digest.ts';
import { pagesOf, type Row, TABLE_NAMES, type TableName } from './tables.ts';

// Of the widest table, below what a statement of either engine may have.
const ROWS_AT_ONCE = 500;

export type Copied = {
  /** What the target holds, compared row by row with the source. */
  readonly tables: Digests;
};

/**
 * Moves everything into another database, of whatever engine: all rows as of one moment, in one
 * transaction, with the numbers that both go on from. Then reads both again and compares.
 *
 * @throws {TransferError} when the target is not empty, the schemas differ, or the source changed
 */
export async function copyAll(from: Database, to: Database, onProgress: Progress): Promise<Copied> {
  const pending = await from.pending();
  if (pending.length > 0)
    throw new TransferError(
      'refused',
      `${from.description} lacks ${pending.join(', ')}: run "gatepass db migrate" with it first.`,
    );
  await to.migrate();
  await refuseUnlessEmpty(to);
  const total = await countRows(from.db);
  const copied = await from.atOneMoment((source) =>
    // The one transaction that awaits more than statements of its own: nobody else is in there.
    to.transaction(async (tx) => {
      await tx.db.deleteFrom('installation').execute();
      const tables: Partial<Record<TableName, TableDigest>> = {};
      const progress = countTo('copying', total, onProgress);
      for (const table of TABLE_NAMES) tables[table] = await copyTable(source, tx, table, progress);
      await to.raiseLastIds(tx, await from.lastIds());
      return tables;
    }),
  );
  const progress = countTo('comparing', 2 * total, onProgress);
  refuseDifference(copied, await digestAll(to.db, progress), (table) => ({
    kind: 'damaged',
    message: `${table} arrived otherwise than it was sent. Empty ${to.description} and try again.`,
  }));
  refuseDifference(copied, await digestAll(from.db, progress), (table) => ({
    kind: 'refused',
    message: `${table} of ${from.description} changed while it was copied. Stop every server of it, empty ${to.description}, and try again.`,
  }));
  return { tables: copied };
}

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

async function refuseUnlessEmpty(to: Database): Promise<void> {
  for (const table of TABLE_NAMES) {
    // Each database is made with an installation of its own.
    if (table === 'installation') continue;
    const { rows } = await sql<Row>`select 1 as one from ${sql.table(table)} limit 1`.execute(
      to.db,
    );
    if (rows.length > 0)
      throw new TransferError(
        'refused',
        `${to.description} is not empty: there are rows in ${table}. Nothing is overwritten; name an empty database.`,
      );
  }
}

function refuseDifference(
  expected: Digests,
  found: Digests,
  complain: (table: string) => { kind: TransferError['kind']; message: string },
): void {
  for (const table of TABLE_NAMES) {
    const [sent, got] = [expected[table], found[table]];
    if (sent?.rows === got?.rows && sent?.digest === got?.digest) continue;
    const { kind, message } = complain(table);
    throw new TransferError(kind, message);
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

function countTo(what: string, total: number, onProgress: Progress) {
  let done = 0;
  return (rows: number) => {
    done += rows;
    onProgress(what, Math.min(done, total), total);
  };
}
