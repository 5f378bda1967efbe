/**
 * Metrics of this process, in Prometheus' format. Owns the names of the metrics, their labels and
 * how they add up over workers; does not own what is counted: app.ts passes the sources in. Loaded
 * only if GATEPASS_METRICS_PORT is set. Imported by process/; app.ts knows the type.
 */
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { EventName } from '../audit/event.ts';
import type { Clock } from '../clock.ts';
import type { HttpMetrics } from '../http/request-log.ts';
import { VERSION } from '../version.ts';
import { addUp, type Snapshot } from './exposition.ts';
import { createHashMetrics } from './hashes.ts';
import { createLatencies } from './latencies.ts';
import { createMailCounts, type MailState, watchMail } from './mails.ts';

export type Metrics = ReturnType<typeof createMetrics>;

/** Read when the metrics are requested, never before. */
type Sources = {
  /** Open connections of the public listener. */
  readonly connections: () => Promise<number>;
  /** Times in milliseconds. */
  readonly revocations: { lag(): number; size(): number };
  readonly hasher: { stats(): { slots: number; running: number; waiting: number } };
  /** The queue of the outbox, read from the database. */
  readonly mail: { state(): Promise<MailState> };
  readonly clock: Clock;
  readonly keyRing: { lag(): number; signingKeyAge(): number | undefined };
};

const HASHES = {
  slots: 'Passwords that can be hashed at once.',
  running: 'Passwords being hashed.',
  waiting: 'Passwords that wait to be hashed.',
};

export function createMetrics() {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });

  const latencies = createLatencies(
    'gatepass_http_request_duration_seconds',
    'Responses by route, method and class of status, from the headers to the response.',
  );
  const unread = new Counter({
    name: 'gatepass_http_refused_unread_total',
    help: 'Requests refused before routing: no HTTP, ambiguous, too slow or too large.',
    labelNames: ['status'] as const,
    registers,
  });
  const refusals = new Counter({
    name: 'gatepass_refusals_total',
    help: 'Answers that refuse, by the code of docs/errors.md.',
    labelNames: ['code'] as const,
    registers,
  });
  const databaseFaults = new Counter({
    name: 'gatepass_database_faults_total',
    help: 'Requests that met a database that cannot serve; each got a 503.',
    registers,
  });
  const events = new Counter({
    name: 'gatepass_events_total',
    help: 'Audit events, by name and, of session.end and login.fail, reason.',
    labelNames: ['event', 'reason'] as const,
    registers,
  });
  new Gauge({
    name: 'gatepass_workers',
    help: 'Processes that responded to this scrape.',
    registers,
  }).set(1);
  new Gauge({
    name: 'gatepass_build_info',
    help: 'The version that runs.',
    labelNames: ['version'] as const,
    aggregator: 'first',
    registers,
  }).set({ version: VERSION }, 1);

  const gauge = (name: string, help: string, aggregator: 'sum' | 'max', read: () => unknown) =>
    new Gauge({
      name,
      help,
      aggregator,
      registers,
      async collect() {
        const value = Number(await read());
        if (Number.isNaN(value)) this.remove();
        else this.set(value);
      },
    });

  const http: HttpMetrics = {
    responded: latencies.responded,
    refusedUnread: (status) => unread.inc({ status }),
    refused: (code) => refusals.inc({ code }),
    databaseFailed: () => databaseFaults.inc(),
  };

  const snapshot = async (): Promise<Snapshot> => [
    latencies.snapshot(),
    ...(await registry.getMetricsAsJSON()),
  ];

  return {
    http,

    /** Hashing of passwords. */
    hashing: createHashMetrics(registry),

    /** Delivery of mail. */
    mail: createMailCounts(registry),

    /** An event of the audit log. */
    event: (event: EventName, reason = ''): void => events.inc({ event, reason }),

    /** Adds the gauges that are read at every scrape. */
    watch({ connections, revocations, keyRing, hasher, mail, clock }: Sources): void {
      gauge('gatepass_connections', 'Open connections.', 'sum', connections);
      gauge(
        'gatepass_revocations_lag_seconds',
        'Since revocations were last read from the database; the slowest process.',
        'max',
        () => revocations.lag() / 1000,
      );
      gauge('gatepass_revocations', 'Revocations held in memory.', 'max', revocations.size);
      for (const name of ['slots', 'running', 'waiting'] as const)
        gauge(`gatepass_hashes_${name}`, HASHES[name], 'sum', () => hasher.stats()[name]);
      watchMail(registry, mail.state, clock.now);
      gauge(
        'gatepass_keys_lag_seconds',
        'Since the signing keys were last read from the database; the slowest process.',
        'max',
        () => keyRing.lag() / 1000,
      );
      gauge(
        'gatepass_signing_key_age_seconds',
        'Since the current key signs; none where the HS256 secret does.',
        'max',
        () => (keyRing.signingKeyAge() ?? Number.NaN) / 1000,
      );
    },

    /** To be added up with those of other processes. */
    snapshot,

    /** The text of this process alone. */
    text: async (): Promise<string> => addUp([await snapshot()]).metrics(),
  };
}
