import { existsSync } from 'node:fs';
import { Kysely } from 'kysely';
import type { SqliteAddress } from '../../config/database-url.ts';
import type { DatabaseOptions, OpenDatabase, Tx } from '../database.ts';
import { DatabaseOpenError } from '../faults.ts';
import { isUpToDate, runMigrations } from '../migrations.ts';
import type { Schema } from '../tables/schema.ts';
import { NodeSqliteDialect, prepareSqlite } from './builder.ts';
import { beginServing, openSqlite, readAtOneMoment } from './connection.ts';
import { sealFile } from './file.ts';
import { raiseLastIds, readHead, readLastIds } from './last-ids.ts';
import { looksAt, placeOf } from './looks.ts';
import { createSnapshot, NO_SNAPSHOT } from './snapshot.ts';
import { createGroupCommit, takeWriteLock } from './transaction.ts';

/** @throws {DatabaseOpenError} when the file cannot be opened or created */
export function openSqliteDatabase(
  { path }: SqliteAddress,
  options: DatabaseOptions,
): OpenDatabase {
  const { beforeCommit } = options;
  const { writer, reader, isSuspect } = tryToOpen(path, options);
  let keepsMark = isSuspect;
  const snapshot = reader === writer ? NO_SNAPSHOT : createSnapshot(reader);
  const writes = new Kysely<Schema>({ dialect: new NodeSqliteDialect(writer) });
  const db = new Kysely<Schema>({ dialect: new NodeSqliteDialect(reader) });
  async function migrate(isRehearsal = false): Promise<string[]> {
    const place = placeOf(writes, path);
    // Up to date: the lock need not be taken.
    if (await isUpToDate(place)) return [];
    await takeWriteLock(writer);
    try {
      const ran = await runMigrations(place);
      writer.exec(isRehearsal ? 'ROLLBACK' : 'COMMIT');
      return ran;
    } finally {
      if (writer.isOpen && writer.isTransaction) writer.exec('ROLLBACK');
    }
  }

  return {
    db,
    transaction: createGroupCommit(writer, writes, { beforeCommit, afterCommit: snapshot.leave }),
    prepare: (query) => ({
      read: prepareSqlite(reader, query, snapshot),
      within: withinTransaction(prepareSqlite(writer, query)),
    }),
    auditNumbers: async () => ({ head: await readHead(db), writers: [] }),
    lastIds: () => readLastIds(db),
    raiseLastIds,
    atOneMoment: (work) => (path === MEMORY ? work(db) : readAtOneMoment(path, work)),
    file: path === MEMORY ? undefined : path,
    shareReads: snapshot.share,
    // SQLite has one writer at a time, so numbers are in order anyway.
    takeTurn: async () => {},
    // Nothing wakes other processes; they poll.
    notifications: { publish: async () => {}, subscribe: () => () => {} },
    description: `SQLite ${path}`,
    migrate: async () => {
      keepsMark = false;
      beginServing(writer);
      beginServing(reader);
      return migrate();
    },
    rehearse: async () => {
      await migrate(true);
    },
    ...looksAt(db, path, isSuspect),
    ping: async () => {
      await db.selectFrom('users').select('id').limit(1).execute();
    },
    close: async () => {
      await db.destroy();
      if (reader.isOpen) reader.close();
      if (!writer.isOpen) return;
      // A read-only visitor must not clear the "incomplete copy" mark: the next one needs it too.
      if (!keepsMark) sealFile(writer);
      writer.close();
    },
  };
}

const MEMORY = ':memory:';

const withinTransaction =
  <Row>(run: (...values: unknown[]) => Promise<Row | undefined>) =>
  (_tx: Tx, ...values: unknown[]) =>
    run(...values);

function tryToOpen(path: string, { mustExist = false, report, contents }: DatabaseOptions) {
  if (mustExist && !existsSync(path))
    throw new DatabaseOpenError(`${path}: there is no database; "gatepass serve" creates one`);
  try {
    return openSqlite(path, report, contents);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new DatabaseOpenError(`${path}: ${reason}`, { cause: error });
  }
}
