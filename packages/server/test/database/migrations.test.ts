/** The table of migrations: of our own name, taken over from earlier versions, nothing beside strangers. */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { Kysely, sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import type { Tx } from '../../src/database/database.ts';
import { type OpenDatabase, openDatabase } from '../../src/database/open.ts';
import { NodeSqliteDialect } from '../../src/database/sqlite/builder.ts';
import type { Schema } from '../../src/database/tables/schema.ts';
import { runCommand, runGatepass } from '../support/command.ts';
import {
  databaseOf,
  engine,
  newPostgresDatabase,
  newSharedDatabase,
  workDirectory,
} from '../support/databases.ts';
import { startService } from '../support/service.ts';

async function open(t: TestContext, url: string): Promise<OpenDatabase> {
  const database = openDatabase(url);
  t.after(() => database.close());
  return database;
}

const emptyDatabase = async (t: TestContext): Promise<string> =>
  engine === 'postgres'
    ? newPostgresDatabase(t, { isEmpty: true })
    : `sqlite:${await workDirectory(t)}/app.db`;

const tablesOf = async ({ db }: OpenDatabase): Promise<string[]> =>
  (await db.introspection.getTables({ withInternalKyselyTables: true }))
    .map(({ name }) => name)
    .sort();

const namesIn = async ({ db }: OpenDatabase, table: 'gatepass_migration' | 'kysely_migration') =>
  (await db.selectFrom(table).select('name').orderBy('name').execute()).map(({ name }) => name);

/** What a version before the table of our own left: Kysely's, with the same names in it. */
async function turnBack(database: OpenDatabase): Promise<string[]> {
  const names = await namesIn(database, 'gatepass_migration');
  await database.transaction(async ({ db }) => {
    await sql`create table kysely_migration
      (name varchar(255) primary key, timestamp varchar(255) not null)`.execute(db);
    const rows = names.map((name, i) => ({
      name,
      timestamp: new Date(Date.UTC(2026, 0, 1) + i * 1000).toISOString(),
    }));
    await db.insertInto('kysely_migration').values(rows).execute();
    await sql`drop table gatepass_migration`.execute(db);
  });
  return names;
}

/** What a start of that version does, with Kysely's own migrator. */
async function startFormerVersion(url: string, { db }: OpenDatabase, names: readonly string[]) {
  const migrations = Object.fromEntries(names.map((name) => [name, { up: async () => {} }]));
  const provider = { getMigrations: async () => migrations };
  if (engine === 'postgres') return new Migrator({ db, provider }).migrateToLatest();
  const sqlite = new DatabaseSync(url.replace('sqlite:', ''));
  const writing = new Kysely<Schema>({ dialect: new NodeSqliteDialect(sqlite) });
  return new Migrator({ db: writing, provider }).migrateToLatest().finally(() => writing.destroy());
}

test('a new version takes an installation over while an older node still serves', async (t) => {
  const url = await newSharedDatabase(t);
  const former = await open(t, url);
  const older = await startService(t, { GATEPASS_DATABASE_URL: url });
  // It has started: from here on it looks at no table of migrations.
  const names = await turnBack(former);
  assert.equal((await startFormerVersion(url, former, names)).error, undefined, 'it starts before');
  await older.register('before@example.com');

  const newer = await open(t, url);
  assert.deepEqual(await newer.pending(), []);
  assert.deepEqual(await newer.migrate(), [], 'nothing runs twice');
  assert.deepEqual(await namesIn(newer, 'gatepass_migration'), names);
  assert.deepEqual(await newer.check(), []);
  assert.equal((await older.login('before@example.com')).status, 200);
  assert.equal((await older.register('after@example.com')).status, 201);
  assert.deepEqual(await newer.migrate(), []);

  const { error } = await startFormerVersion(url, former, names);
  assert.match(String(error), /is missing/, 'which it explains as a newer version');
  assert.ok((await namesIn(newer, 'kysely_migration')).length === names.length + 1);
});

test('of four simultaneous take-overs one migrates', async (t) => {
  const url = await newSharedDatabase(t);
  const former = await open(t, url);
  await former.migrate();
  const names = await turnBack(former);
  const several = await Promise.all([1, 2, 3, 4].map(() => open(t, url)));
  await Promise.all(several.map((database) => database.migrate()));
  assert.deepEqual(await namesIn(former, 'gatepass_migration'), names);
});

test('the table of another program that uses Kysely is left alone', async (t) => {
  const database = await open(t, await emptyDatabase(t));
  const create = ({ db }: Tx) =>
    sql`create table kysely_migration (name varchar(255) primary key, timestamp varchar(255) not null)`.execute(
      db,
    );
  await database.transaction(create);
  await database.transaction(({ db }) =>
    db.insertInto('kysely_migration').values({ name: '001-posts', timestamp: '2026' }).execute(),
  );
  assert.ok((await database.pending()).includes('001-users-and-keys'));
  await database.migrate();
  assert.deepEqual(await namesIn(database, 'kysely_migration'), ['001-posts']);
});

for (const table of ['users', 'sessions', 'installation'])
  test(`F5 another program's table "${table}": one line from serve and doctor, and nothing created`, async (t) => {
    const directory = await workDirectory(t);
    const url = await databaseOf(directory, { isEmpty: true });
    if (engine === 'sqlite') mkdirSync(`${directory}/data`);
    const database = await open(t, url);
    await database.transaction(({ db }) =>
      sql`create table ${sql.table(table)} (id integer primary key, owner text)`.execute(db),
    );
    const before = await tablesOf(database);
    const doctor = await runCommand(directory, ['doctor']);
    assert.equal(doctor.code, 1);
    const line = new RegExp(
      `holds "${table}" of another program; nothing was created\\. Give Gatepass`,
    );
    assert.match(doctor.stdout, new RegExp(`FAULT {4}database: .*${line.source}`));
    // One process is enough to see how it ends.
    const served =
      table === 'users'
        ? await runGatepass(directory, ['serve'], '', { GATEPASS_PORT: '0' })
        : await runCommand(directory, ['db', 'migrate']);
    assert.equal(served.code, 5);
    assert.match(served.stderr, line);
    assert.equal(served.stderr.trim().split('\n').length, 1);
    assert.deepEqual(await tablesOf(database), before);
  });

test('a rehearsal creates nothing, and finds nothing where migrating would succeed', async (t) => {
  const database = await open(t, await emptyDatabase(t));
  await database.rehearse();
  assert.deepEqual(await tablesOf(database), []);
  assert.ok((await database.migrate()).length > 0);
});
