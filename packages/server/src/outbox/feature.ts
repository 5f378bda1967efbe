import type { Clock, Timers } from '../clock.ts';
import type { Database } from '../database/database.ts';
import type { Part } from '../part.ts';
import { createOutbox } from './outbox.ts';
import { createOutboxStore } from './store.ts';

const FAILED_KEPT_MS = 7 * 86_400_000;

type Deps = {
  readonly database: Database;
  readonly clock: Clock;
  readonly timers?: Timers | undefined;
};

/** The outbox over its table. */
export function createOutboxFeature({ database, clock, timers }: Deps) {
  const outboxStore = createOutboxStore(database);
  const part: Part = {
    purges: [(tx, now, limit) => outboxStore.purge(tx, now - FAILED_KEPT_MS, limit)],
    onRestore: outboxStore.clear,
  };
  return { outbox: createOutbox(outboxStore, clock, { timers }), outboxStore, part };
}
