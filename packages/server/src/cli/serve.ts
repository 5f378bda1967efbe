import type { Command } from 'commander';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { createApp } from '../app.ts';
import { systemClock } from '../clock.ts';
import { type Config, readConfig, unknownSettings } from '../config.ts';
import { type Database, openDatabase } from '../database/open.ts';
import { createLogger } from '../logger.ts';

const SHUTDOWN_DEADLINE_MS = 10_000;

export function addServe(program: Command): void {
  program
    .command('serve')
    .description('start the service (SIGTERM stops it: open requests are answered first)')
    .addHelpText(
      'after',
      `
Examples:
  $ gatepass serve
  $ GATEPASS_PORT=9000 GATEPASS_DATABASE_URL=sqlite:/var/lib/gatepass/gatepass.db gatepass serve

All variables: docs/configuration.md`,
    )
    .action(serve);
}

async function serve(): Promise<void> {
  const config = readConfig();
  const logger = createLogger(config);
  const database = openDatabase(config.databaseUrl);
  await database.migrate();
  const app = await createApp({ config, database, clock: systemClock, logger });
  await app.listen({ host: config.host, port: config.port });
  announce(app, config, database, logger);
  await stopSignal(logger);
  await stop(app, database, logger);
}

function announce(app: FastifyInstance, config: Config, database: Database, logger: Logger): void {
  const address = app.server.address();
  const port = typeof address === 'object' ? address?.port : config.port;
  const host = config.host.includes(':') ? `[${config.host}]` : config.host;
  const url = `http://${host}:${port}`;
  logger.info(
    {
      url,
      docs: `${url}/docs`,
      database: database.description,
      next: `curl -s ${url}/api/users -H 'content-type: application/json' -d '{"email":"you@example.com","password":"correct horse 9 battery"}'`,
    },
    'Gatepass is listening',
  );
  for (const name of unknownSettings())
    logger.warn({ name }, 'this variable is no setting of this version and is ignored');
}

const stopSignal = (logger: Logger) =>
  new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.once(signal, () => {
        logger.info({ signal }, 'stopping: answering open requests');
        resolve();
      });
    }
  });

async function stop(app: FastifyInstance, database: Database, logger: Logger): Promise<void> {
  const deadline = setTimeout(() => {
    logger.error('open requests were not answered in time; stopping all the same');
    process.exit(1);
  }, SHUTDOWN_DEADLINE_MS);
  await app.close();
  await database.close();
  clearTimeout(deadline);
  logger.info('stopped');
}
