/** The life of the service: in this process, or in workers that it starts and stops. */
import cluster from 'node:cluster';
import { availableParallelism } from 'node:os';
import type { Logger } from 'pino';
import { type Config, type Environment, readConfig } from '../config/config.ts';
import { openConfigured } from '../database/open.ts';
import { sqliteFault } from '../database/sqlite/version.ts';
import { createLogger } from '../logger.ts';
import { reserveAdmin } from './admin.ts';
import { advise, announce, type Output } from './announce.ts';
import { CrashError, StartError } from './errors.ts';
import { prepare, serveHere } from './node.ts';
import { probePort } from './port.ts';
import { publishWorkers } from './scrapes.ts';
import { listenForStop, type Stop } from './signals.ts';
import { runWorkers } from './workers.ts';

/** Runs the service until it is stopped. @param output may be a terminal, where a person reads along */
export async function serve(env: Environment, output: Output): Promise<void> {
  const config = readConfig(env);
  const logger = createLogger(config);
  advise(config, logger);
  const count = config.workers === 'auto' ? availableParallelism() : config.workers;
  const fault = config.databaseUrl.startsWith('sqlite:') ? sqliteFault() : undefined;
  if (fault && count > 1) throw new StartError(`GATEPASS_WORKERS: ${fault}.`);
  if (fault) logger.warn(fault);
  const { stopped, release } = listenForStop(logger);
  try {
    if (count === 1 || cluster.isWorker) await serveHere(config, logger, output, stopped);
    else await serveWithWorkers(count, config, logger, output, stopped);
  } finally {
    release();
  }
}

async function serveWithWorkers(
  count: number,
  config: Config,
  logger: Logger,
  output: Output,
  stopped: Promise<Stop>,
): Promise<void> {
  const prepared = prepare(config, logger, output);
  const first = await Promise.race([prepared, stopped]);
  if (typeof first === 'string') return;
  await using parts = new AsyncDisposableStack();
  // Checked here, so that a port in use also causes one message.
  await probePort(config);
  // Workers that stop together still see each other's connections, so the parent seals the file.
  const last = openConfigured(config);
  parts.defer(() => last.close());
  const scrapes = await publishWorkers(config);
  parts.defer(() => scrapes?.close());
  const env = { GATEPASS_ADMIN_PORT: await reserveAdmin(config, logger) };
  await runWorkers({ count, env }, stopped, logger, (serving) =>
    announce(config, logger, output, {
      ...serving,
      workers: count,
      metricsUrl: scrapes?.url,
      ...first,
    }),
  );
  await parts.disposeAsync();
  logger.info('stopped');
  if ((await stopped) === 'crash') throw new CrashError();
}
