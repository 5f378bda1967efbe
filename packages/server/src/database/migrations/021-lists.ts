import { type Kysely, sql } from 'kysely';

/**
 * Indexes for the orders of the admin API's lists; the id follows, so that a page can continue
 * after a row.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  // Accounts that never logged in sort first or last, instead of separately as nulls.
  await sql`create index users_by_last_login on users (coalesce(last_login_at, 0), id)`.execute(db);
  await db.schema
    .createIndex('audit_events_by_time')
    .on('audit_events')
    .columns(['at', 'id'])
    .execute();
}
