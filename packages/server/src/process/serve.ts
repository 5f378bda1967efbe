import cluster from 'node:cluster';
import { availableParallelism } from 'node:os';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { createApp } from '../app.ts';
import { systemClock } from '../clock.ts';
import { type Config, type Environment, readConfig } from '../config/config.ts';
import { describeUrl } from '../config/database-url.ts';
import { exposedHost } from '../config/exposure.ts';
import type { Report } from '../database/database.ts';
import { type Database, openConfigured } from '../database/open.ts';
import { sqliteFault } from '../database/sqlite/version.ts';
import { startKeys } from '../keys/feature.ts';
import { createLogger } from '../logger.ts';
import { createServices } from '../services.ts';
import { publish, publishWorkers, type Scrapes, startCounting } from './scrapes.ts';
import { type Stop, stopReason } from './signals.ts';
import { runWorkers } from './workers.ts';

const SHUTDOWN_DEADLINE_MS = 10_000;

/** The service ended because of an error that nothing caught; the log has it. */
export class CrashError extends Error {
  override name = 'CrashError';

  constructor() {
    super('Stopped by an uncaught error; the log has it.');
  }
}

/** The service cannot start as it is configured; `message` says why. */
export class StartError extends Error {
  override name = 'StartError';
}

/** Runs the service until it is stopped: here, or in worker processes. */
export async function serve(env: Environment): Promise<void> {
  const config = readConfig(env);
  const logger = createLogger(config);
  advise(config, logger);
  const stopped = stopReason(logger);
  const count = config.workers === 'auto' ? availableParallelism() : config.workers;
  const fault = config.databaseUrl.startsWith('sqlite:') ? sqliteFault() : undefined;
  if (fault && count > 1) throw new StartError(`GATEPASS_WORKERS: ${fault}.`);
  if (fault) logger.warn(fault);
  if (count === 1 || cluster.isWorker) return serveHere(config, logger, stopped);
  // Here, so that a database that cannot be used is one message and not one of each worker.
  await prepare(config, logger);
  const scrapes = await publishWorkers(config);
  await runWorkers(count, stopped, logger, (port) =>
    announce(config, port, logger, count, scrapes),
  ).finally(() => scrapes?.close());
  // Workers that stop together see each other, and none may seal the file: somebody is the last.
  await openConfigured(config).close();
  if ((await stopped) === 'crash') throw new CrashError();
}

async function prepare(config: Config, logger: Logger): Promise<void> {
  const database = openConfigured(config, { report: reportTo(logger) });
  try {
    await warn(database, logger);
    await database.migrate();
    const deps = { config, database, clock: systemClock, logger };
    await startKeys(deps, createServices(deps));
  } finally {
    await database.close();
  }
}

async function serveHere(config: Config, logger: Logger, stopped: Promise<Stop>): Promise<void> {
  const database = openConfigured(config, { report: reportTo(logger) });
  // Its connections would keep alive a process that could not listen.
  await serveOn(database, config, logger, stopped).finally(() => database.close());
  logger.info('stopped');
  if (cluster.isWorker) cluster.worker?.disconnect();
  if ((await stopped) === 'crash') throw new CrashError();
}

async function serveOn(
  database: Database,
  config: Config,
  logger: Logger,
  stopped: Promise<Stop>,
): Promise<void> {
  await warn(database, logger);
  await database.migrate();
  const metrics = await startCounting(config);
  const { app, withdraw } = await createApp({
    config,
    database,
    clock: systemClock,
    logger,
    metrics,
  });
  const scrapes = await publish(config, metrics);
  await app.listen({ host: config.host, port: config.port });
  if (!cluster.isWorker) announce(config, portOf(app, config), logger, 1, scrapes);
  const reason = await stopped;
  const deadline = setTimeout(() => {
    logger.error('open requests were not answered in time; stopping all the same');
    process.exit(1);
  }, SHUTDOWN_DEADLINE_MS);
  if (reason !== 'crash') await withdraw();
  await app.close();
  scrapes?.close();
  await database.close();
  clearTimeout(deadline);
}

const reportTo =
  (logger: Logger): Report =>
  (level, message) =>
    logger[level](message);

async function warn(database: Database, logger: Logger): Promise<void> {
  for (const warning of await database.warnings()) logger.warn(warning);
}

function portOf(app: FastifyInstance, config: Config): number {
  const address = app.server.address();
  return typeof address === 'object' && address ? address.port : config.port;
}

/** The first line: where it is, where its documentation is, what to try next. */
function announce(
  config: Config,
  port: number,
  logger: Logger,
  workers: number,
  scrapes: Scrapes | undefined,
): void {
  const host = config.host.includes(':') ? `[${config.host}]` : config.host;
  const url = `http://${host}:${port}`;
  logger.info(
    {
      url,
      ...(config.docs === 'on' && { docs: `${url}/docs` }),
      database: describeUrl(config.databaseUrl),
      workers,
      ...(scrapes && { metrics: scrapes.url }),
      next: `curl -s ${url}/api/users -H 'content-type: application/json' -d '{"email":"you@example.com","password":"correct horse 9 battery"}'`,
    },
    'Gatepass is listening',
  );
}

/** Once, however many workers there are, and before the line that says it listens. */
function advise(config: Config, logger: Logger): void {
  if (cluster.isWorker) return;
  for (const warning of config.warnings) logger.warn(warning);
  const exposed = exposedHost(config);
  if (exposed) logger.warn(exposed);
  if (config.rateLimits === 'off')
    logger.warn('GATEPASS_RATE_LIMITS=off: passwords can be guessed as fast as they are hashed');
}
