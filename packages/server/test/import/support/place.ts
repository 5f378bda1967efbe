/** A Django database and a directory in which the operator runs commands. */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { TestContext } from 'node:test';
import { runCommand } from '../../support/command.ts';
import { workDirectory } from '../../support/process.ts';

export const PASSWORD = 'correct horse 9 battery';
export const HASH =
  'pbkdf2_sha256$260000$B7C4CVyyxL5ej58pMoeQOb$HpK6s3WJfystklkOAOTY1ambsKFZTtrUXaEE+sZ+cIs=';

export type User = { id: number; email: string | null; password?: string; is_active?: number };

/** Writes a Django database with these users, as `manage.py migrate` makes it. */
function writeDjango(path: string, users: readonly User[], table = 'auth_user'): DatabaseSync {
  const sqlite = new DatabaseSync(path);
  sqlite.exec(`create table ${table} (id integer primary key autoincrement, password varchar(128), last_login datetime,
    email varchar(254), is_active bool, date_joined datetime)`);
  const insert = sqlite.prepare(`insert into ${table} values (?, ?, ?, ?, ?, ?)`);
  sqlite.exec('begin');
  for (const { id, email, password = HASH, is_active = 1 } of users)
    insert.run(id, password, '2026-01-02 03:04:05.123456', email, is_active, '2024-05-06 07:08:09');
  sqlite.exec('commit');
  return sqlite;
}

export async function place(t: TestContext, users: readonly User[], table?: string) {
  const directory = await workDirectory(t);
  const source = writeDjango(join(directory, 'django.sqlite3'), users, table);
  t.after(() => source.close());
  const importAgain = (...more: string[]) =>
    runCommand(directory, ['import', 'django', '--from', 'sqlite:django.sqlite3', ...more]);
  return { directory, source, importAgain };
}

/** A database that these statements make. */
export async function placeOf(t: TestContext, statements: string) {
  const directory = await workDirectory(t);
  const source = new DatabaseSync(join(directory, 'd.db'));
  source.exec(statements);
  source.close();
  const run = (...more: string[]) =>
    runCommand(directory, ['import', 'django', '--from', 'sqlite:d.db', ...more]);
  return { directory, run };
}

/** SQL of a table with users who have these addresses and no password. */
export const usersIn = (table: string, ...emails: string[]) =>
  `create table ${table} (id integer primary key autoincrement, email text, password text);
   ${emails.map((email) => `insert into ${table} (email, password) values ('${email}', '!');`).join('')}`;

export const listed = async (directory: string) =>
  (await runCommand(directory, ['user', 'list', '--json'])).stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
