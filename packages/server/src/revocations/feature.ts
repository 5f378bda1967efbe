import type { Clock, Timers } from '../clock.ts';
import type { Config } from '../config/config.ts';
import type { FollowedDatabase } from '../database/database.ts';
import type { Part } from '../part.ts';
import { limitsOf } from '../throttle/limits.ts';
import { createRequestLimit } from '../throttle/request-limit.ts';
import type { Feed } from './feed.ts';
import { createFeedLog } from './feed-log.ts';
import { createLifetimes } from './lifetimes.ts';
import { createRevocations, STALE_AFTER_MS } from './revocations.ts';
import { createRecordStaleClaims } from './stale-claims.ts';
import { createRevocationStore } from './store.ts';
import { createRevocationStreams } from './stream.ts';

type Deps = {
  readonly config: Config;
  readonly database: FollowedDatabase;
  readonly clock: Clock;
  readonly timers?: Timers | undefined;
};

/** The revocations in memory over their table, with the feed and its streams. */
export function createRevocationFeature({ config, database, clock, timers }: Deps) {
  const store = createRevocationStore(database);
  const revocations = createRevocations({ store, clock, timers });
  const lifetimes = createLifetimes({ database, clock, policy: config });
  const { now } = revocations;
  const publishUsers = config.acceptSessionlessTokens;
  const log = createFeedLog({ revocations, now, publishUsers, timers });
  const limit =
    config.rateLimits === 'on'
      ? createRequestLimit(limitsOf(config.limits).feedRequests, clock.now)
      : () => undefined;
  const feed: Feed = { log, revocations, limit };
  const part: Part = {
    background: [
      {
        async start() {
          await lifetimes.note();
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
    purges: [store.purge, lifetimes.renew],
  };
  const streams = createRevocationStreams({ log, revocations, timers });
  const recordStaleClaims = createRecordStaleClaims({ revocations, lifetimes, clock });
  return { revocations, lifetimes, recordStaleClaims, feed, streams, part };
}
