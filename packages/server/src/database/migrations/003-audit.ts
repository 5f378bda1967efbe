import type { Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('audit_events')
    .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('event', 'text', (column) => column.notNull())
    // No reference, because events outlive their account.
    .addColumn('user_id', 'integer')
    .addColumn('session_id', 'text')
    .addColumn('actor', 'text', (column) => column.notNull())
    .addColumn('address', 'text', (column) => column.notNull())
    .addColumn('user_agent', 'text', (column) => column.notNull())
    .addColumn('request_id', 'text', (column) => column.notNull())
    .addColumn('details', 'text', (column) => column.notNull())
    .execute();
  // The only index: a login pays for each of them. Old rows are found by id (audit/store.ts).
  await db.schema
    .createIndex('audit_events_of_user')
    .on('audit_events')
    .columns(['user_id', 'id'])
    .execute();
}
