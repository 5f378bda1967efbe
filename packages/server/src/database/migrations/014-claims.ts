import { type Kysely, sql } from 'kysely';
import type { Schema } from '../tables/schema.ts';

export async function up(db: Kysely<Schema>): Promise<void> {
  await db.schema
    .alterTable('users')
    .addColumn('claims', 'text', (column) => column.notNull().defaultTo('{}'))
    .execute();
  await db.schema
    .alterTable('users')
    .addColumn('claims_version', 'integer', (column) => column.notNull().defaultTo(0))
    .execute();
  await db.schema
    .alterTable('revocations')
    .addColumn('claims_version', 'integer', (column) => column.notNull().defaultTo(0))
    .execute();
  await db.schema
    .createIndex('revocations_of_claims')
    .on('revocations')
    .columns(['subject'])
    .where(sql.ref('claims_version'), '>', 0)
    .execute();
}
