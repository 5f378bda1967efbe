/** The context of a command: environment and streams, and an open and migrated database on request. */
import { statSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { pino } from 'pino';
import { type Clock, systemClock } from '../clock.ts';
import { type Config, type Environment, readConfig } from '../config/config.ts';
import { describeUrl, parseDatabaseUrl } from '../config/database-url.ts';
import { type OpenDatabase, openConfigured, openDatabase } from '../database/open.ts';
import { createServices, type Services } from '../services.ts';

/** Environment, input and outputs of a command, such as `process`. */
export type Io = {
  readonly env: Environment;
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Writable & { readonly isTTY?: boolean };
  readonly stderr: Writable & { readonly isTTY?: boolean };
  /**
   * Aborted by Ctrl+C, SIGTERM and SIGHUP; the command then ends as soon as nothing is half done.
   * The `exitCode` of its reason becomes that of the command; default 130.
   */
  readonly interrupt?: AbortSignal | undefined;
};

type WithDatabase = <T>(
  work: (database: OpenDatabase, config: Config) => Promise<T>,
  options?: { readonly mustExist?: boolean },
) => Promise<T>;

export type Context = Io & {
  readonly clock: Clock;
  /** Prints for a person, or for a program with `--json`. */
  print(value: unknown, text: string, json: boolean | undefined): void;
  /** Opens the configured database for `work`. */
  readonly withDatabase: WithDatabase;
  /** The same, migrated, with the services over it. */
  withAccounts<T>(
    work: (accounts: Services) => Promise<T>,
    options?: { readonly mustExist?: boolean },
  ): Promise<T>;
  /**
   * The same for read-only work: nothing is created or migrated. A database that does not exist yet
   * counts as empty.
   *
   * @param work gets a description of the database
   */
  rehearse<T>(work: (accounts: Services, description: string) => Promise<T>): Promise<T>;
};

export function createContext(io: Io, clock = systemClock): Context {
  const { env, stdin, stdout, stderr, interrupt } = io;
  const withDatabase: WithDatabase = async (work, options = {}) => {
    const config = readConfig(env);
    const database = openConfigured(config, options);
    try {
      return await work(database, config);
    } finally {
      await database.close();
    }
  };
  const servicesOver = (database: OpenDatabase, config: Config): Services => {
    const logger = pino({ level: 'error' }, stderr);
    return createServices({ config, database, clock, logger });
  };
  return {
    ...{ env, stdin, stdout, stderr, interrupt, clock, withDatabase },
    print(value, text, json) {
      interrupt?.throwIfAborted();
      stdout.write(`${json ? JSON.stringify(value) : text}\n`);
    },
    withAccounts: (work, options) =>
      withDatabase(async (database, config) => {
        await database.migrate();
        const services = servicesOver(database, config);
        return work(services).finally(services.hasher.close);
      }, options),
    async rehearse(work) {
      const config = readConfig(env);
      const database = (await openExisting(config)) ?? (await openEmpty());
      const services = servicesOver(database, config);
      try {
        return await work(services, describeUrl(config.databaseUrl));
      } finally {
        services.hasher.close();
        await database.close();
      }
    },
  };
}

/** `undefined` when there is no database, or it has no tables of Gatepass. */
async function openExisting(config: Config) {
  const address = parseDatabaseUrl(config.databaseUrl);
  const isFile = !('fault' in address) && address.engine === 'sqlite';
  // Opening a missing or empty file would write to it.
  if (isFile && !statSync(address.path, { throwIfNoEntry: false })?.size) return undefined;
  const database = openConfigured(config, { mustExist: true });
  try {
    const pending = await database.pending();
    if (!pending.some((name) => name.startsWith('001'))) return database;
  } catch (error) {
    await database.close();
    throw error;
  }
  await database.close();
  return undefined;
}

async function openEmpty(): Promise<OpenDatabase> {
  const database = openDatabase('sqlite::memory:');
  await database.migrate();
  return database;
}
