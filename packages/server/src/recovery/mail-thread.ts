/**
 * Handles mail in a thread of its own, from reading the row to deleting it, because SMTP and the commits
 * of a full queue would delay requests. The thread starts with the first due mail and ends after a while
 * without one (decision 115).
 */
import { once } from 'node:events';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Logger } from 'pino';
import { systemTimers, type Timers } from '../clock.ts';
import type { Config } from '../config/config.ts';
import type { MailObserver } from '../outbox/delivery.ts';
import type { Sender } from '../outbox/rounds.ts';
import type { MailConfig } from './sending.ts';

/** The settings of the thread; all of them can be cloned. */
export type ThreadConfig = MailConfig &
  Pick<Config, 'smtpUrl' | 'databaseUrl' | 'databaseDirectUrl' | 'logLevel'>;

/** A message to the thread. */
export type Order =
  | { readonly kind: 'deliver'; readonly keys: ReadonlyMap<string, Uint8Array> }
  | { readonly kind: 'stop' };

/** A message from the thread. */
export type Report =
  | { readonly kind: 'done' }
  | { readonly kind: keyof MailObserver }
  /** A line of the log, which the main thread writes, because the log has one writer. */
  | { readonly kind: 'log'; readonly line: string };

type Deps = {
  readonly config: Config;
  readonly logger: Logger;
  readonly observer?: MailObserver | undefined;
  /** The present keys of tokens. */
  readonly keys: () => ReadonlyMap<string, Uint8Array>;
  readonly timers?: Timers | undefined;
};

export type CreateMailThread = (deps: Deps) => Sender;

type Thread = {
  readonly worker: Worker;
  asked: PromiseWithResolvers<void> | undefined;
};

const ENTRY = new URL(`./mail-worker${extname(import.meta.filename)}`, import.meta.url);
const IDLE_MS = 30_000;
// A little more than the thread waits for its mails in transit.
const STOP_MS = 4000;

export const createMailThread: CreateMailThread = (deps) => {
  const { config, logger, observer, keys, timers = systemTimers } = deps;
  const endings = new Set<Promise<unknown>>();
  let thread: Thread | undefined;
  let cancelEnd = () => {};

  function start(): Thread {
    const worker = new Worker(ENTRY, { name: 'mail', workerData: threadConfigOf(config) });
    const started: Thread = { worker, asked: undefined };
    const lose = (error: unknown) => {
      if (thread === started) thread = undefined;
      started.asked?.reject(error);
    };
    worker.on('message', (report: Report) => {
      if (report.kind === 'log') write(logger, report.line);
      else if (report.kind === 'done') started.asked?.resolve();
      else observer?.[report.kind]();
    });
    worker.on('error', lose);
    worker.on('exit', (code) => lose(new Error(`the mail thread ended with code ${code}`)));
    logger.debug('the mail thread starts');
    return started;
  }

  /** Tells the thread to end, and terminates it after STOP_MS. */
  function end(): void {
    const worker = thread?.worker;
    thread = undefined;
    if (!worker) return;
    const ending = Promise.race([
      once(worker, 'exit'),
      new Promise<void>((resolve) => timers.after(STOP_MS, resolve)),
    ])
      .catch(() => {})
      .then(() => worker.terminate())
      .finally(() => endings.delete(ending));
    endings.add(ending);
    worker.postMessage({ kind: 'stop' } satisfies Order);
    logger.debug('the mail thread ends');
  }

  return {
    async deliverDue() {
      cancelEnd();
      thread ??= start();
      const asked = Promise.withResolvers<void>();
      thread.asked = asked;
      thread.worker.postMessage({ kind: 'deliver', keys: keys() } satisfies Order);
      try {
        await asked.promise;
      } finally {
        cancelEnd = timers.after(IDLE_MS, end);
      }
    },

    async stop() {
      cancelEnd();
      end();
      await Promise.all(endings);
    },
  };
};

function threadConfigOf(config: Config): ThreadConfig {
  const { port, publicUrl, mailFrom, smtpUrl, logLevel } = config;
  const { resetUrl, activationUrl, emailChangeUrl, emailUndoUrl } = config;
  const { databaseUrl, databaseDirectUrl } = config;
  return {
    ...{ port, publicUrl, mailFrom, smtpUrl, logLevel },
    ...{ resetUrl, activationUrl, emailChangeUrl, emailUndoUrl },
    ...{ databaseUrl, databaseDirectUrl },
  };
}

type Line = { readonly level: 'debug' | 'info' | 'warn' | 'error'; readonly msg: string };

function write(logger: Logger, line: string): void {
  const { level, msg, ...facts } = JSON.parse(line) as Line;
  logger[level](facts, msg);
}
