/**
 * Which database a test gets. `GATEPASS_TEST_ENGINE=postgres` runs the whole suite on PostgreSQL;
 * one server serves a run (GATEPASS_TEST_POSTGRES, set by postgres-setup.ts) or, where a file runs
 * alone, a process.
 */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Pool } from 'pg';
import { openDatabase } from '../../src/database/open.ts';
import { type Postgres, startPostgres } from './postgres.ts';
import { createRenewal, RENEW } from './renewal.ts';

export const TEMPLATE = 'gatepass_template';
const ENGINES = ['sqlite', 'postgres'] as const;
export type Engine = (typeof ENGINES)[number];

export const engine: Engine =
  ENGINES.find((each) => each === process.env['GATEPASS_TEST_ENGINE']) ?? 'sqlite';

/** For tests of what only SQLite has: files, blocking locks. */
export const SQLITE_ONLY = {
  skip: engine === 'sqlite' ? false : 'is about SQLite alone',
} as const;

/** What a database goes away with. */
type Owner = { after(work: () => unknown): void };

type Server = Pick<Postgres, 'urlOf' | 'query'>;
let server: Promise<Server> | undefined;

/** The server of this run; a database of it is `newDatabase`. */
export function sharedPostgres(): Promise<Server> {
  const { GATEPASS_TEST_POSTGRES: url } = process.env;
  server ??= url === undefined ? ownPostgres() : Promise.resolve(serverAt(url));
  return server;
}

async function ownPostgres(): Promise<Server> {
  // It ends with this process.
  const own = await startPostgres();
  await createTemplate(own);
  return own;
}

/** A migrated database that others are copied from. */
export async function createTemplate(server: Server): Promise<void> {
  await server.query(`create database ${TEMPLATE}`);
  const database = openDatabase(server.urlOf(TEMPLATE));
  await database.migrate();
  await database.close();
}

/** Knows a server by the URL of any of its databases. */
function serverAt(url: string): Server {
  const urlOf = (name: string) => url.replace(/[^/]*$/, name);
  const standing = createStanding(urlOf('postgres'));
  return {
    urlOf,
    query: (text, name) => (name === undefined ? standing.query(text) : queryAt(urlOf(name), text)),
  };
}

type Standing = ReturnType<typeof createStanding>;

/**
 * Statements on one connection, which keeps no process from ending.
 *
 * @param beginning statements that prepare its session
 */
function createStanding(connectionString: string, beginning?: () => Promise<string>) {
  const options = { connectionString, max: 1, idleTimeoutMillis: 0, allowExitOnIdle: true };
  let opening: Promise<Pool> | undefined;
  const open = async () => {
    const { default: pg } = await import('pg');
    const pool = new pg.Pool({
      ...options,
      onConnect: async (client) => {
        if (beginning) await client.query(await beginning());
      },
    });
    // The next statement has a new connection.
    return pool.on('error', () => {});
  };
  return {
    async query(text: string) {
      opening ??= open();
      return (await (await opening).query(text)).rows;
    },
    end: async () => (await opening)?.end(),
  };
}

/** The rows of one statement, on a connection of its own. */
export async function queryAt(url: string, text: string) {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

/** Copies of the template that tests of this process are done with. */
const used: string[] = [];
/** The sessions that renew them. */
const renewing = new Map<string, Standing>();
let renewal: Promise<string> | undefined;

async function readRenewal({ urlOf }: Server): Promise<string> {
  const { default: pg } = await import('pg');
  const template = new pg.Client({ connectionString: urlOf(TEMPLATE) });
  await template.connect();
  return createRenewal(template).finally(() => template.end());
}

/** The name of a used copy that is as good as new; the others are dropped. */
async function takeUsed(server: Server): Promise<string | undefined> {
  for (let name = used.pop(); name !== undefined; name = used.pop()) {
    const standing =
      renewing.get(name) ??
      createStanding(server.urlOf(name), () => (renewal ??= readRenewal(server)));
    renewing.set(name, standing);
    try {
      await standing.query(RENEW);
      return name;
    } catch {
      renewing.delete(name);
      await standing.end();
      await server.query(`drop database if exists ${name} with (force)`);
    }
  }
  return undefined;
}

/**
 * The URL of a PostgreSQL database of the test's own.
 *
 * @param options.isEmpty not migrated yet; default false
 */
export async function newPostgresDatabase(t: Owner, { isEmpty = false } = {}): Promise<string> {
  const server = await sharedPostgres();
  const { urlOf, query } = server;
  const again = isEmpty ? undefined : await takeUsed(server);
  const name = again ?? `gatepass_${randomUUID().replaceAll('-', '')}`;
  if (isEmpty) await query(`create database ${name}`);
  else if (again === undefined)
    await query(`create database ${name} template ${TEMPLATE} strategy file_copy`);
  t.after(async () => {
    if (isEmpty) await query(`drop database if exists ${name} with (force)`);
    else used.push(name);
  });
  return urlOf(name);
}

/** The URL of a database of this test's own, on the engine of this run. */
export const newDatabase = async (t: Owner): Promise<string> =>
  engine === 'postgres' ? newPostgresDatabase(t) : 'sqlite::memory:';

/** The same, which several connections and processes can open. */
export const newSharedDatabase = async (t: Owner): Promise<string> =>
  engine === 'postgres' ? newPostgresDatabase(t) : `sqlite:${await workDirectory(t)}/gatepass.db`;

type Place = { readonly url: Promise<string>; drop(): Promise<unknown> };
const places = new Map<string, Place>();

/**
 * The URL of the database of all commands that are run in this directory.
 *
 * @param options.isEmpty where the first command is to migrate it; default false, as that takes longer
 */
export function databaseOf(directory: string, { isEmpty = false } = {}): Promise<string> {
  if (engine === 'sqlite') return Promise.resolve(`sqlite:${directory}/data/gatepass.db`);
  let place = places.get(directory);
  if (!place) {
    const drops: (() => unknown)[] = [];
    const owner = { after: (drop: () => unknown) => drops.push(drop) };
    const url = newPostgresDatabase(owner, { isEmpty });
    place = { url, drop: () => Promise.all(drops.map((drop) => drop())) };
    places.set(directory, place);
  }
  return place.url;
}

/** A directory of the test's own, removed with it, and so is its database. */
export async function workDirectory(t: Owner): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'gatepass-'));
  t.after(async () => {
    await places.get(directory)?.drop();
    await rm(directory, { recursive: true, force: true });
  });
  return directory;
}
