/** The entry of the mail thread: the delivery, with database connections of its own. */
import { parentPort, workerData } from 'node:worker_threads';
import { pino } from 'pino';
import { systemClock } from '../clock.ts';
import { openConfigured } from '../database/open.ts';
import { createTransport } from '../mail/transport.ts';
import { createOneTimeTokenFeature } from '../one-time-tokens/feature.ts';
import { createOutboxFeature } from '../outbox/feature.ts';
import { yieldToRequests } from '../priority.ts';
import { lookUpIn } from '../users/lookup.ts';
import type { Order, Report, ThreadConfig } from './mail-thread.ts';
import { createSending } from './sending.ts';

// On PostgreSQL one looks up while the other commits. The documented number of connections includes them.
const POOL_SIZE = 2;

const port = parentPort;
if (!port) throw new TypeError('mail-worker.ts is the entry of a thread');
const tell = (report: Report) => port.postMessage(report);
const config = workerData as ThreadConfig;
const { smtpUrl } = config;
if (smtpUrl === 'off') throw new TypeError('there is no mail to send');

yieldToRequests();
const logger = pino(
  {
    level: config.logLevel,
    ...{ base: null, timestamp: false },
    formatters: { level: (label) => ({ level: label }) },
  },
  { write: (line: string) => tell({ kind: 'log', line }) },
);
let keys: ReadonlyMap<string, Uint8Array> = new Map();
const keyOf = (use: string): Uint8Array => {
  const key = keys.get(use);
  if (!key) throw new Error(`no key for "${use}"`);
  return key;
};

const database = openConfigured({ ...config, databasePoolSize: POOL_SIZE }, { mustExist: true });
const deps = { config, database, logger, clock: systemClock };
const sender = createSending(
  {
    ...deps,
    observer: { sent: () => tell({ kind: 'sent' }), failed: () => tell({ kind: 'failed' }) },
  },
  {
    users: lookUpIn(database),
    ...createOutboxFeature(deps),
    ...createOneTimeTokenFeature(deps, keyOf),
    transport: await createTransport(smtpUrl, (text) => logger.info(text)),
    port: () => undefined,
  },
);

port.on('message', async (order: Order) => {
  if (order.kind === 'deliver') {
    keys = order.keys;
    await sender.deliverDue();
    tell({ kind: 'done' });
    return;
  }
  await sender.stop();
  await database.close();
  port.close();
});
