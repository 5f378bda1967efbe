/**
 * The metrics of all workers as one. Counters never go back while the service lives: the counts of a
 * worker's last response stay in the sum when it dies or does not respond, because Prometheus takes
 * every decrease for a restart and counts the whole sum again.
 */
import cluster from 'node:cluster';
import { Counter, Registry } from 'prom-client';
import { addUp, type Snapshot } from './exposition.ts';
import type { Metrics } from './metrics.ts';

type Question = { readonly metricsAsked: number };
type Reply = { readonly metricsOf: number; readonly snapshot: Snapshot };

const ANSWER_WITHIN_MS = 1000;

/** In a worker: responds to the parent's requests. */
export function answerParent(metrics: Metrics): void {
  process.on('message', async (message: unknown) => {
    if (!isQuestion(message)) return;
    const snapshot = await metrics.snapshot();
    if (process.connected)
      process.send?.({ metricsOf: message.metricsAsked, snapshot } satisfies Reply);
  });
}

/** In the parent: the text of all workers together; a silent worker does not delay it. */
export function createWorkerMetrics() {
  const newest = new Map<number, Snapshot>();
  let departed: Snapshot[] = [];
  let asked = 0;
  const own = new Registry();
  const deaths = new Counter({
    name: 'gatepass_worker_deaths_total',
    help: 'Workers that ended and were replaced.',
    registers: [own],
  });

  cluster.on('message', ({ id }, message: unknown) => {
    if (isReply(message)) newest.set(id, message.snapshot);
  });
  cluster.on('exit', ({ id }) => {
    deaths.inc();
    const last = newest.get(id);
    newest.delete(id);
    if (last) departed.push(countersOf(last));
  });

  /** Resolves to the ids of the workers that responded. */
  function ask(): Promise<Set<number>> {
    const workers = Object.values(cluster.workers ?? {}).filter((each) => each?.isConnected());
    const question: Question = { metricsAsked: ++asked };
    const answered = new Set<number>();
    if (workers.length === 0) return Promise.resolve(answered);
    return new Promise((resolve) => {
      const finish = () => {
        clearTimeout(timer);
        cluster.off('message', onAnswer);
        resolve(answered);
      };
      const onAnswer = ({ id }: { readonly id: number }, message: unknown) => {
        if (!isReply(message) || message.metricsOf !== question.metricsAsked) return;
        answered.add(id);
        if (answered.size === workers.length) finish();
      };
      const timer = setTimeout(finish, ANSWER_WITHIN_MS);
      cluster.on('message', onAnswer);
      // Errors are ignored: a dying worker simply does not respond.
      for (const worker of workers) worker?.send(question, () => {});
    });
  }

  async function gather(): Promise<string> {
    const answered = await ask();
    const gone = departed.length;
    if (gone > 1) {
      const sum: Snapshot = await addUp(departed).getMetricsAsJSON();
      departed = [sum, ...departed.slice(gone)];
    }
    const known = [...newest].map(([id, snapshot]) =>
      answered.has(id) ? snapshot : countersOf(snapshot),
    );
    return `${await addUp([...known, ...departed]).metrics()}\n${await own.metrics()}`;
  }

  let gathering: Promise<string> | undefined;
  return {
    /** A scrape that arrives during another one gets the same response. */
    text(): Promise<string> {
      gathering ??= gather().finally(() => {
        gathering = undefined;
      });
      return gathering;
    },
  };
}

const countersOf = (snapshot: Snapshot): Snapshot =>
  snapshot.filter(({ type }) => String(type) !== 'gauge');

const isQuestion = (message: unknown): message is Question =>
  typeof message === 'object' && message !== null && 'metricsAsked' in message;

const isReply = (message: unknown): message is Reply =>
  typeof message === 'object' && message !== null && 'metricsOf' in message;
