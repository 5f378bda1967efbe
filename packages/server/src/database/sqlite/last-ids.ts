import { sql } from 'kysely';
import type { LastIds, Tx } from '../database.ts';
import type { Db } from '../tables/schema.ts';

/** The highest number that each numbered table has ever assigned, in SQLite. */
export async function readLastIds(db: Db): Promise<LastIds> {
  const { rows } = await sql<{ name: string; seq: number }>`select name, seq from sqlite_sequence`
    .execute(db)
    .catch(() => ({ rows: [] }));
  return Object.fromEntries(rows.map(({ name, seq }) => [name, seq]));
}

/** The highest number in the audit log. */
export async function readHead(db: Db): Promise<number> {
  const row = await db
    .selectFrom('audit_events')
    .select((eb) => eb.fn.max('id').as('head'))
    .executeTakeFirst();
  return row?.head ?? 0;
}

/** New numbers will be above the given ones, in SQLite. */
export async function raiseLastIds({ db }: Tx, ids: LastIds): Promise<void> {
  const known = await readLastIds(db);
  // `seq` has no type: a JavaScript number would be stored as 7.0 there.
  for (const [table, id = 0] of Object.entries(ids)) {
    if (known[table] === undefined)
      await sql`insert into sqlite_sequence (name, seq) values (${table}, cast(${id} as integer))`.execute(
        db,
      );
    else if (known[table] < id)
      await sql`update sqlite_sequence set seq = cast(${id} as integer) where name = ${table}`.execute(
        db,
      );
  }
}
