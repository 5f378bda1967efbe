import type { Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const column of ['username', 'username_canonical', 'uuid'])
    await db.schema.alterTable('users').addColumn(column, 'text').execute();
  for (const [name, column] of [
    ['users_by_username', 'username_canonical'],
    ['users_by_uuid', 'uuid'],
  ] as const)
    await db.schema.createIndex(name).on('users').column(column).unique().execute();
}
