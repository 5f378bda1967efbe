import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('users')
    .addColumn('is_admin', 'integer', (column) => column.notNull().defaultTo(0))
    .execute();
  // Few of many rows: every change that could leave no administrator asks for them.
  await db.schema
    .createIndex('users_administrators')
    .on('users')
    .column('id')
    .where(sql.ref('is_admin'), '=', sql.lit(1))
    .execute();
  await db.schema
    .createTable('admin_sessions')
    .addColumn('token_hash', 'text', (column) => column.primaryKey())
    .addColumn('user_id', 'integer', (column) =>
      column.notNull().references('users.id').onDelete('cascade'),
    )
    .addColumn('tokens_valid_from', 'bigint', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .addColumn('confirmed_at', 'bigint', (column) => column.notNull())
    .execute();
  for (const column of ['user_id', 'expires_at'])
    await db.schema
      .createIndex(`admin_sessions_by_${column}`)
      .on('admin_sessions')
      .column(column)
      .execute();
}
