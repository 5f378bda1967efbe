import type { Kysely } from 'kysely';

/** Events of the audit log, counted by the hour for charts. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('activity')
    .addColumn('hour', 'bigint', (column) => column.notNull())
    .addColumn('event', 'text', (column) => column.notNull())
    .addColumn('count', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('activity_key', ['hour', 'event'])
    .execute();
}
