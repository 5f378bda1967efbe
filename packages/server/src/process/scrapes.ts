/** Metrics, if GATEPASS_METRICS_PORT is set; otherwise their modules are not loaded. */
import cluster from 'node:cluster';
import type { Config } from '../config/config.ts';
import { listenForScrapes } from '../metrics/listener.ts';
import type { Metrics } from '../metrics/metrics.ts';

/** The address of the metrics; closed when the service has stopped. */
type Scrapes = { readonly url: string; close(): void };

/** The metrics of this process; `undefined` = they are off. */
export async function startCounting({ metricsPort }: Config): Promise<Metrics | undefined> {
  if (metricsPort === 'off') return undefined;
  return (await import('../metrics/metrics.ts')).createMetrics();
}

/** Publishes the metrics of this process: on the listener, or to the parent that has it. */
export async function publish(
  config: Config,
  metrics: Metrics | undefined,
): Promise<Scrapes | undefined> {
  if (!metrics) return undefined;
  if (!cluster.isWorker) return listen(config, metrics.text);
  (await import('../metrics/workers.ts')).answerParent(metrics);
  return undefined;
}

/** In the parent of workers: publishes their metrics together. */
export async function publishWorkers(config: Config): Promise<Scrapes | undefined> {
  if (config.metricsPort === 'off') return undefined;
  return listen(config, (await import('../metrics/workers.ts')).createWorkerMetrics().text);
}

const listen = ({ metricsHost: host, metricsPort }: Config, text: () => Promise<string>) =>
  listenForScrapes({ host, port: metricsPort === 'off' ? 0 : metricsPort }, text);
