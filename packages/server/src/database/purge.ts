import { sql } from 'kysely';
import type { Purge } from './janitor.ts';
import type { Tables } from './tables/schema.ts';

type Expiring = {
  [Table in keyof Tables]: 'expires_at' extends keyof Tables[Table] ? Table : never;
}[keyof Tables];

/** Deletes up to `limit` rows that expired before the given time, the oldest first; returns how many. */
export const purgeExpired =
  <Table extends Expiring>(table: Table, key: keyof Tables[Table] & string): Purge =>
  async (tx, before, limit) => {
    const { numAffectedRows = 0n } = await sql`
      delete from ${sql.table(table)} where ${sql.ref(key)} in (
        select ${sql.ref(key)} from ${sql.table(table)}
        where expires_at < ${before} order by expires_at limit ${limit}
      )`.execute(tx.db);
    return Number(numAffectedRows);
  };
