import type { Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const name of ['rotated_by', 'given_to'])
    await db.schema
      .alterTable('sessions')
      .addColumn(name, 'text', (column) => column.notNull().defaultTo(''))
      .execute();
  await db.schema
    .alterTable('sessions')
    .addColumn('given_at', 'bigint', (column) => column.notNull().defaultTo(0))
    .execute();
}
