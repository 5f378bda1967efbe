/** One serving process: opens its parts in order and closes them in reverse, however it ends. */
import cluster from 'node:cluster';
import type { Logger } from 'pino';
import { createInviting } from '../admin/feature.ts';
import { type App, createApp } from '../app.ts';
import { systemClock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import type { Report } from '../database/database.ts';
import { type OpenDatabase, openConfigured } from '../database/open.ts';
import { portOf } from '../http/server.ts';
import { startKeys } from '../keys/feature.ts';
import { createMailThread } from '../recovery/mail-thread.ts';
import { createServices } from '../services.ts';
import { openAdmin } from './admin.ts';
import { announce, isUnused, type Output } from './announce.ts';
import { CrashError } from './errors.ts';
import { publish, startCounting } from './scrapes.ts';
import type { Stop } from './signals.ts';
import { step } from './steps.ts';
import { tellParent } from './workers.ts';

const SHUTDOWN_DEADLINE_MS = 10_000;
// A hash can take seconds beside many busy programs; its client gets a response while there is time.
const HASHING_DEADLINE_MS = 5000;

/** Serves until `stopped`. @throws {CrashError} when an uncaught error was the reason */
export async function serveHere(
  config: Config,
  logger: Logger,
  output: Output,
  stopped: Promise<Stop>,
): Promise<void> {
  // After a failure, no opened part may keep the process alive.
  await using parts = new AsyncDisposableStack();
  const started = start(config, logger, output, parts);
  // A stop request during the start ends the start.
  const isServing = await Promise.race([started.then(() => true), stopped.then(() => false)]);
  started.catch(() => {});
  const reason = await stopped;
  if (isServing) await finish(logger, parts, await started, reason);
  logger[cluster.isWorker ? 'debug' : 'info']('stopped');
  if (cluster.isWorker) cluster.worker?.disconnect();
  if (reason === 'crash') throw new CrashError();
}

/** Runs in the parent of workers, so that an unusable database causes one message and not many. */
export async function prepare(config: Config, logger: Logger, { isTTY }: Output) {
  await using parts = new AsyncDisposableStack();
  const database = await openMigrated(config, logger, parts);
  const deps = { config, database, clock: systemClock, logger };
  const services = createServices(deps);
  const { keyRing } = await step(logger, 'reading the signing keys', () =>
    startKeys(deps, services),
  );
  const invitations = createInviting(deps, services, keyRing.deriveKey);
  const isOff = config.adminPort === 'off';
  return {
    isUnused: await isUnused(config, database),
    setUpToken: isTTY && !isOff ? await invitations.setUp() : undefined,
  };
}

async function start(config: Config, logger: Logger, output: Output, parts: AsyncDisposableStack) {
  const database = await openMigrated(config, logger, parts);
  const metrics = await startCounting(config);
  const scrapes = await publish(config, metrics);
  parts.defer(() => scrapes?.close());
  const { app, withdraw, endHashing, createAdmin, setUp } = await step(
    logger,
    'reading keys and revocations',
    () => createApp({ config, database, clock: systemClock, logger, metrics, createMailThread }),
  );
  parts.defer(() => quietly(logger, app.close()));
  await app.listen({ host: config.host, port: config.port });
  const admin = await openAdmin(config, logger, createAdmin);
  parts.defer(() => quietly(logger, admin?.close() ?? Promise.resolve()));
  const serving = { port: portOf(app.server) ?? config.port, adminUrl: admin?.url };
  if (cluster.isWorker) tellParent(serving);
  else
    announce(config, logger, output, {
      ...serving,
      workers: 1,
      metricsUrl: scrapes?.url,
      setUpToken: admin && output.isTTY ? await setUp() : undefined,
      isUnused: await isUnused(config, database),
    });
  return { withdraw, endHashing };
}

async function openMigrated(
  config: Config,
  logger: Logger,
  parts: AsyncDisposableStack,
): Promise<OpenDatabase> {
  const report: Report = (level, message) => logger[level](message);
  const database = openConfigured(config, { report });
  parts.defer(() => quietly(logger, database.close()));
  await step(logger, 'connecting to the database', async () => {
    for (const warning of await database.warnings()) if (!cluster.isWorker) logger.warn(warning);
  });
  await step(logger, 'bringing the schema up to date; another process may be doing so', () =>
    database.migrate(),
  );
  return database;
}

async function finish(
  logger: Logger,
  parts: AsyncDisposableStack,
  { withdraw, endHashing }: Pick<App, 'withdraw' | 'endHashing'>,
  reason: Stop,
): Promise<void> {
  const deadline = setTimeout(() => {
    logger.error('open requests did not finish in time; stopping anyway');
    process.exit(1);
  }, SHUTDOWN_DEADLINE_MS);
  const hashing = setTimeout(endHashing, HASHING_DEADLINE_MS);
  if (reason !== 'crash') await withdraw();
  await parts.disposeAsync();
  for (const timer of [deadline, hashing]) clearTimeout(timer);
}

/** A failure while closing must not hide the reason for closing. */
async function quietly(logger: Logger, closed: PromiseLike<unknown>): Promise<void> {
  try {
    await closed;
  } catch (err) {
    logger.warn({ err }, 'a part was not closed cleanly');
  }
}
