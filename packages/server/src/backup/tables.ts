import { sql } from 'kysely';
import type { Db, Tables } from '../database/tables/schema.ts';

export type TableName = keyof Tables;
export type Row = Readonly<Record<string, unknown>>;

/** Every table and its primary key; referenced tables come first. */
export const TABLES: Readonly<Record<TableName, readonly string[]>> = {
  installation: ['id'],
  users: ['id'],
  signing_keys: ['kid'],
  sessions: ['id'],
  revocations: ['seq'],
  audit_events: ['id'],
  activity: ['hour', 'event'],
  audit_purged: ['id'],
  throttle_counts: ['bucket'],
  one_time_tokens: ['id'],
  outbox: ['id'],
  token_lifetimes: ['kind', 'lifetime'],
  admin_sessions: ['token_hash'],
  totp_factors: ['id'],
  recovery_codes: ['hash'],
  passkeys: ['id'],
  spent_challenges: ['id'],
  api_keys: ['id'],
};

export const TABLE_NAMES = Object.keys(TABLES) as TableName[];

const PAGE = 1000;

/** A table's rows in the order of its key; an older schema may lack the table. */
export async function* pagesOf(db: Db, table: TableName): AsyncGenerator<readonly Row[]> {
  const keys = TABLES[table];
  const columns = sql.join(keys.map((key) => sql.ref(key)));
  let last: Row | undefined;
  for (;;) {
    const seen = last;
    const rest = seen
      ? sql`where (${columns}) > (${sql.join(keys.map((key) => seen[key]))})`
      : sql``;
    const { rows } = await sql<Row>`
      select * from ${sql.table(table)} ${rest} order by ${columns} limit ${sql.lit(PAGE)}`.execute(
      db,
    );
    if (rows.length > 0) yield rows;
    last = rows.at(-1);
    if (rows.length < PAGE) return;
  }
}

/** The tables of this version that the database has. */
export async function tablesIn(db: Db): Promise<TableName[]> {
  const present = new Set((await db.introspection.getTables()).map(({ name }) => name));
  return TABLE_NAMES.filter((name) => present.has(name));
}
