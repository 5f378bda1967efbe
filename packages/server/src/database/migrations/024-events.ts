import { type Kysely, sql } from 'kysely';

/** Columns and tables for programs that read the audit log as events. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // Beside the number, because nothing else tells the public id of a deleted account.
  await db.schema.alterTable('audit_events').addColumn('user_uuid', 'text').execute();
  await db.schema
    .createTable('audit_purged')
    .addColumn('id', 'integer', (column) => column.primaryKey())
    .addColumn('through', 'bigint', (column) => column.notNull())
    .execute();
  await sql`
    insert into audit_purged (id, through)
    select 1, min(id) - 1 from audit_events having min(id) > 1`.execute(db);
}
