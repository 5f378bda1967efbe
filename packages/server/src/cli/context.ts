/** What every offline command needs: configuration, an open and migrated database, accounts. */
import { pino } from 'pino';
import { systemClock } from '../clock.ts';
import { type Config, readConfig } from '../config/config.ts';
import { type Database, openDatabase } from '../database/open.ts';
import { createServices, type Services } from '../services.ts';

export async function withDatabase<T>(
  work: (database: Database, config: Config) => Promise<T>,
  options: { readonly mustExist?: boolean } = {},
): Promise<T> {
  const config = readConfig();
  const database = openDatabase(config.databaseUrl, {
    ...options,
    poolSize: config.databasePoolSize,
  });
  try {
    return await work(database, config);
  } finally {
    await database.close();
  }
}

export const withAccounts = <T>(work: (accounts: Services) => Promise<T>): Promise<T> =>
  withDatabase(async (database, config) => {
    await database.migrate();
    const logger = pino({ level: 'error' }, pino.destination(2));
    return work(await createServices({ config, database, clock: systemClock, logger }));
  });

/** Prints for a person, or for a program with `--json`. */
export function print(value: unknown, text: string, json: boolean | undefined): void {
  process.stdout.write(`${json ? JSON.stringify(value) : text}\n`);
}
