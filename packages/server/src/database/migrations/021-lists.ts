import { type Kysely, sql } from 'kysely';

/** What the lists of the admin API are sorted by; the id follows, so that a page can go on behind a row. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // Accounts that never logged in come first or last, not apart.
  await sql`create index users_by_last_login on users (coalesce(last_login_at, 0), id)`.execute(db);
  await db.schema
    .createIndex('audit_events_by_time')
    .on('audit_events')
    .columns(['at', 'id'])
    .execute();
}
