/** What a command is given: environment and streams, and an open and migrated database on request. */
import type { Readable, Writable } from 'node:stream';
import { pino } from 'pino';
import { type Clock, systemClock } from '../clock.ts';
import { type Config, type Environment, readConfig } from '../config/config.ts';
import { type Database, openConfigured } from '../database/open.ts';
import { createServices, type Services } from '../services.ts';

/** What the outside gives a command. `process` is one. */
export type Io = {
  readonly env: Environment;
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Writable & { readonly isTTY?: boolean };
  readonly stderr: Writable & { readonly isTTY?: boolean };
};

type WithDatabase = <T>(
  work: (database: Database, config: Config) => Promise<T>,
  options?: { readonly mustExist?: boolean },
) => Promise<T>;

export type Context = Io & {
  readonly clock: Clock;
  /** Prints for a person, or for a program with `--json`. */
  print(value: unknown, text: string, json: boolean | undefined): void;
  /** Opens the configured database for `work`. */
  readonly withDatabase: WithDatabase;
  /** The same, migrated, with the services over it. */
  withAccounts<T>(work: (accounts: Services) => Promise<T>): Promise<T>;
};

export function createContext({ env, stdin, stdout, stderr }: Io, clock = systemClock): Context {
  const withDatabase: WithDatabase = async (work, options = {}) => {
    const config = readConfig(env);
    const database = openConfigured(config, options);
    try {
      return await work(database, config);
    } finally {
      await database.close();
    }
  };
  return {
    ...{ env, stdin, stdout, stderr, clock, withDatabase },
    print(value, text, json) {
      stdout.write(`${json ? JSON.stringify(value) : text}\n`);
    },
    withAccounts: (work) =>
      withDatabase(async (database, config) => {
        await database.migrate();
        const logger = pino({ level: 'error' }, stderr);
        const services = createServices({ config, database, clock, logger });
        return work(services).finally(() => services.hasher.close());
      }),
  };
}
