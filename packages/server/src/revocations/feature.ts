import type { Clock, Timers } from '../clock.ts';
import type { Database } from '../database/database.ts';
import type { Part } from '../part.ts';
import { createRevocations, STALE_AFTER_MS } from './revocations.ts';
import { createRevocationStore } from './store.ts';

type Deps = {
  readonly database: Database;
  readonly clock: Clock;
  readonly timers?: Timers | undefined;
};

/** The revocations in memory over their table. */
export function createRevocationFeature({ database, clock, timers }: Deps) {
  const revocationStore = createRevocationStore(database);
  const revocations = createRevocations({ store: revocationStore, clock, timers });
  const part: Part = {
    background: [
      {
        async start() {
          await revocations.follow();
          revocations.start();
        },
        stop: revocations.stop,
      },
    ],
    probes: {
      revocations: async () => {
        if (revocations.lag() > STALE_AFTER_MS) throw new Error('revocations are not followed');
      },
    },
    purges: [revocationStore.purge],
  };
  return { revocations, revocationStore, part };
}
