import { AggregatorRegistry } from 'prom-client';

/** Metrics as data: what prom-client calls JSON. */
export type Snapshot = readonly {
  readonly name: string;
  readonly type: unknown;
  readonly aggregator: string;
}[];

/**
 * The metrics of several processes as one, each added up as its `aggregator` says.
 *
 * @returns a registry that prints the text or the sum as data
 */
export const addUp = (snapshots: readonly Snapshot[]) =>
  AggregatorRegistry.aggregate(snapshots.map((snapshot) => snapshot.map(correct)));

/**
 * Restores the start time, which prom-client drops, and takes the maximum of event-loop lag, which
 * it would average.
 */
function correct(metric: Snapshot[number]): Snapshot[number] {
  if (metric.name === 'process_start_time_seconds') return { ...metric, aggregator: 'min' };
  if (/^nodejs_eventloop_lag_(?!min|stddev)/.test(metric.name))
    return { ...metric, aggregator: 'max' };
  return metric;
}
