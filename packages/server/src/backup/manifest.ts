import { sql } from 'kysely';
import type { Db } from '../database/tables/schema.ts';
import type { Digests } from './digest.ts';

/** The description of a backup, in a table that only backups have. */
export type Manifest = {
  readonly format: 1;
  /** Everything committed before this moment is in the backup. Epoch milliseconds. */
  readonly made_at: number;
  /** The version of Gatepass that made the backup. */
  readonly version: string;
  readonly installation: string;
  readonly tables: Digests;
};

const TABLE = sql.table('gatepass_backup');

export async function writeManifest(db: Db, manifest: Manifest): Promise<void> {
  await sql`create table ${TABLE} (manifest text not null)`.execute(db);
  await sql`insert into ${TABLE} (manifest) values (${JSON.stringify(manifest)})`.execute(db);
}

/** Empty where the schema is too old to have one. */
export async function installationOf(db: Db): Promise<string> {
  const tables = await db.introspection.getTables();
  if (!tables.some(({ name }) => name === 'installation')) return '';
  return (await db.selectFrom('installation').select('id').executeTakeFirst())?.id ?? '';
}

/** `undefined` when the database is no backup; faulty JSON counts as damage and throws. */
export async function readManifest(db: Db): Promise<Manifest | undefined> {
  const tables = await db.introspection.getTables();
  if (!tables.some(({ name }) => name === 'gatepass_backup')) return undefined;
  const { rows } = await sql<{ manifest: string }>`select manifest from ${TABLE}`.execute(db);
  return JSON.parse(rows[0]?.manifest ?? '');
}

export async function dropManifest(db: Db): Promise<void> {
  await sql`drop table ${TABLE}`.execute(db);
}
