/** `GATEPASS_WORKERS` processes behind one port; the parent only starts, watches and stops them. */
import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import type { Logger } from 'pino';
import { WorkersError } from './errors.ts';

const SHORT_LIFE_MS = 5000;
const MAX_SHORT_LIVES = 3;
// A worker has 10 s to finish open requests; one that has not ended by then hangs.
const GONE_WITHIN_MS = 12_000;

/** The number of workers, and the variables that differ in their environment. */
type Crew = {
  readonly count: number;
  readonly env: Readonly<Record<string, string>>;
};

/** What a worker serves. */
export type Serving = { readonly port: number; readonly adminUrl: string | undefined };

/** Tells the parent, if there is one, that this worker serves. */
export function tellParent(serving: Serving): void {
  cluster.worker?.send({ serving });
}

const servingIn = (message: { readonly serving?: Serving } | null) => message?.serving;

/**
 * Runs workers until `stopped` resolves, then stops them as SIGTERM would. A worker that dies is
 * replaced, even before it listens; workers that keep dying soon after their start end the service.
 *
 * @param onServing called once, when `count` workers serve at the same time, with what one of them
 *   serves
 * @returns when the last worker has gone
 * @throws {WorkersError} when workers keep dying
 */
export async function runWorkers(
  { count, env }: Crew,
  stopped: Promise<unknown>,
  logger: Logger,
  onServing: (serving: Serving) => void,
): Promise<void> {
  let isStopping = false;
  let isAnnounced = false;
  let shortLives = 0;
  const ready = new Set<Worker>();
  const failure = Promise.withResolvers<never>();
  failure.promise.catch(() => {});

  function start(): void {
    const startedAt = performance.now();
    const worker = cluster.fork(env);
    // A connection was handed to a dying worker: EPIPE here, and the client retries.
    worker.on('error', (err) => logger.warn({ err }, 'a worker could not be reached'));
    worker.on('message', (message) => {
      const serving = servingIn(message);
      if (!serving) return;
      ready.add(worker);
      if (isAnnounced || ready.size < count) return;
      isAnnounced = true;
      onServing(serving);
    });
    worker.once('exit', (code, signal) => {
      ready.delete(worker);
      if (isStopping) return;
      logger.error({ worker: worker.process.pid, code, signal }, 'a worker died');
      shortLives = performance.now() - startedAt < SHORT_LIFE_MS ? shortLives + 1 : 0;
      if (shortLives >= MAX_SHORT_LIVES) failure.reject(new WorkersError(code));
      else start();
    });
  }

  try {
    for (let i = 0; i < count; i++) start();
    await Promise.race([stopped, failure.promise]);
  } finally {
    isStopping = true;
    await Promise.all(Object.values(cluster.workers ?? {}).map((worker) => stop(worker, logger)));
  }
}

async function stop(worker: Worker | undefined, logger: Logger): Promise<void> {
  if (!worker || worker.isDead()) return;
  const gone = once(worker, 'exit');
  worker.process.kill('SIGTERM');
  const deadline = setTimeout(() => {
    logger.error({ worker: worker.process.pid }, 'a worker does not stop; killing it');
    worker.process.kill('SIGKILL');
  }, GONE_WITHIN_MS);
  await gone;
  clearTimeout(deadline);
}
