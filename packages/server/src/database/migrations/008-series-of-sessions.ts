import { type Kysely, sql } from 'kysely';
import type { Schema } from '../tables/schema.ts';

const DAY_MS = 86_400_000;

export async function up(db: Kysely<Schema>): Promise<void> {
  await db.schema
    .alterTable('users')
    .addColumn('session_series', 'integer', (column) => column.notNull().defaultTo(0))
    .execute();
  await db.schema
    .alterTable('sessions')
    .addColumn('series', 'integer', (column) => column.notNull().defaultTo(0))
    .execute();
  // It has no column that a rotation changes, so rotations do not pay for it.
  await db.schema
    .createIndex('sessions_open')
    .on('sessions')
    .columns(['user_id', 'series', 'id'])
    .where(sql.ref('ended_at'), 'is', null)
    .execute();
  await db.schema
    .alterTable('revocations')
    .addColumn('series', 'integer', (column) => column.notNull().defaultTo(0))
    .execute();
  await db.schema
    .alterTable('revocations')
    .addColumn('kept', 'text', (column) => column.notNull().defaultTo(''))
    .execute();
  await db.schema
    .createIndex('revocations_of_accounts')
    .on('revocations')
    .columns(['subject'])
    .where(sql.ref('series'), '>', 0)
    .execute();
  await db.schema
    .createIndex('revocations_of_users')
    .on('revocations')
    .columns(['subject'])
    .where(sql.ref('kind'), '=', 'user')
    .execute();
  await db.schema
    .createTable('token_lifetimes')
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('lifetime', 'bigint', (column) => column.notNull())
    .addColumn('seen_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('token_lifetimes_key', ['kind', 'lifetime'])
    .execute();
  // Older versions did not record the lifetimes of their tokens, so the longest possible is assumed.
  const { rows } = await sql<{ id: string }>`select id from sessions limit 1`.execute(db);
  if (rows.length === 0) return;
  const seen_at = Date.now();
  await db
    .insertInto('token_lifetimes')
    .values([
      { kind: 'access', lifetime: DAY_MS, seen_at },
      { kind: 'sessionless', lifetime: 30 * DAY_MS, seen_at },
    ])
    .execute();
}
