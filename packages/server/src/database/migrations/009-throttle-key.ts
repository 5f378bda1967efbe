import { randomBytes } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { Schema } from '../tables/schema.ts';

export async function up(db: Kysely<Schema>): Promise<void> {
  await db.schema
    .alterTable('installation')
    .addColumn('throttle_key', 'text', (column) => column.notNull().defaultTo(''))
    .execute();
  const throttle_key = randomBytes(32).toString('hex');
  await db.updateTable('installation').set({ throttle_key }).execute();
  // Their numbers come from another key and mean nothing now.
  await db.deleteFrom('throttle_counts').execute();
}
