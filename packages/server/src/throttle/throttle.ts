/**
 * How often passwords and registrations may be tried, per account, network and both. Owns the
 * counts (`throttle_counts`), shared by all processes of a database, and the limits (limits.ts);
 * does not own what an account or a network is: callers name them. An attempt is counted before its
 * password is hashed. Imported by token/, users/, services.ts and routes.ts.
 */

import type { Clock } from '../clock.ts';
import type { Rates } from '../config/limits.ts';
import type { Transaction } from '../database/database.ts';
import type { Throttle } from './attempt.ts';
import { createNumbers } from './buckets.ts';
import { createAttemptOf } from './counted-attempt.ts';
import { createCounters } from './counters.ts';
import { createFactorAttempts } from './factor-attempts.ts';
import { limitsOf } from './limits.ts';
import { createMailCounts } from './mail-counts.ts';
import { createMarks } from './marks.ts';
import { createNoThrottle } from './no-throttle.ts';
import { createPasswordAttempts } from './password-attempts.ts';
import { throttled } from './refusals.ts';
import { createSessionLimit } from './session-limit.ts';
import type { ThrottleStore } from './store.ts';

type Deps = {
  readonly store: ThrottleStore;
  readonly transaction: Transaction;
  readonly clock: Clock;
  /** `false` = nothing is counted or refused. */
  readonly isOn: boolean;
  readonly rates: Rates;
};

export function createThrottle({ isOn, store, transaction, clock, rates }: Deps): Throttle {
  const limits = limitsOf(rates);
  const counters = createCounters({ store, transaction, clock });
  const refreshLimit = createSessionLimit(limits.refreshes);
  const lookLimit = createSessionLimit(limits.looks);
  const isToldOf = createSessionLimit({ ...limits.looks, quota: 1 });
  const numbers = createNumbers(store);
  const marks = createMarks({ store, clock, numbers, devices: limits.devices });
  // The command line clears counts even if limits are off in its own environment.
  if (!isOn) return createNoThrottle(marks, transaction);

  const attemptOf = createAttemptOf({ transaction, counters });
  const counting = { limits, numbers, counters, store, marks, attemptOf };

  return {
    recognise: marks.recognise,

    ...createPasswordAttempts(counting),

    async register(account, origin) {
      const { around } = await numbers();
      const counted = await counters.begin(around(limits.registrations, origin.network));
      return attemptOf(counted, origin, (tx) => marks.remember(tx, account, origin));
    },

    forgetDevices: marks.forgetDevices,

    unlock: marks.unlock,

    ...createMailCounts(counting),

    ...createFactorAttempts(counting),

    refresh(sessionId) {
      const waitMs = refreshLimit(sessionId, clock.now());
      if (waitMs !== undefined) throw throttled(limits.refreshes, waitMs);
    },

    async look(sessionId, onRefused) {
      const now = clock.now();
      const waitMs = lookLimit(sessionId, now);
      if (waitMs === undefined) return;
      if (isToldOf(sessionId, now) === undefined) await onRefused();
      throw throttled(limits.looks, waitMs);
    },
  };
}
