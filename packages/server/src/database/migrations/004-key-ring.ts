import type { Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('signing_keys').addColumn('serial', 'integer').execute();
  await db.schema
    .alterTable('signing_keys')
    .addColumn('token_lifetime', 'bigint', (column) => column.notNull().defaultTo(0))
    .execute();
  await db.schema.alterTable('signing_keys').addColumn('sealed_by', 'text').execute();
  // If several nodes make the next key at the same time, one succeeds.
  await db.schema
    .createIndex('signing_keys_by_serial')
    .on('signing_keys')
    .column('serial')
    .unique()
    .execute();
}
