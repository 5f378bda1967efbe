/** A Gatepass in this process with a database in memory, listening on a free port unless told otherwise. */
import type { FastifyInstance } from 'fastify';
import { createApp } from '../../packages/server/src/app.ts';
import { type Clock, systemClock } from '../../packages/server/src/clock.ts';
import { readConfig } from '../../packages/server/src/config/config.ts';
import { openDatabase } from '../../packages/server/src/database/open.ts';
import { createLogger } from '../../packages/server/src/logger.ts';
import { hashingOf } from '../../packages/server/test/support/hashing.ts';
import { contentsFor } from '../../packages/server/test/support/migrated.ts';

export async function startService(
  variables: Record<string, string> = {},
  clock: Clock = systemClock,
  port = 0,
) {
  const config = readConfig({
    GATEPASS_DATABASE_URL: 'sqlite::memory:',
    GATEPASS_LOG_LEVEL: 'silent',
    GATEPASS_RATE_LIMITS: 'off',
    ...variables,
  });
  const contents = await contentsFor(config.databaseUrl);
  const database = openDatabase(config.databaseUrl, { contents });
  await database.migrate();
  const logger = createLogger(config);
  const { app, createAdmin } = await createApp({
    ...hashingOf(config, variables),
    database,
    clock,
    logger,
  });
  await app.listen({ host: '127.0.0.1', port });
  const stop = async () => {
    await app.close();
    await database.close();
  };
  return { app, createAdmin, database, stop };
}

/** Every route of the API by its path, with parameters as the documentation writes them: `/:id`. */
export const routesOf = async (app: FastifyInstance) =>
  routesIn((await app.inject('/api/openapi.json')).json());

/** The same of a document. */
export function routesIn({ paths }: { paths: object }): [path: string, methods: string[]][] {
  return Object.entries(paths).map(([path, methods]) => [
    path.replace(/\{(\w+)\}/g, ':$1'),
    Object.keys(methods).map((method) => method.toUpperCase()),
  ]);
}
