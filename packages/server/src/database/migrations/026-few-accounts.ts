import { type Kysely, sql } from 'kysely';

/** Partial indexes: disabled accounts and administrators are few, and other accounts cost nothing. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createIndex('users_disabled')
    .on('users')
    .column('id')
    .where(sql.ref('is_active'), '=', sql.lit(0))
    .execute();
  await db.schema
    .createIndex('users_admin')
    .on('users')
    .column('id')
    .where(sql.ref('is_admin'), '=', sql.lit(1))
    .execute();
}
