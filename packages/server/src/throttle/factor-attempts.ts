import type { Tx } from '../database/database.ts';
import type { Throttle } from './attempt.ts';
import type { Numbers } from './buckets.ts';
import type { AttemptOf } from './counted-attempt.ts';
import type { Counters } from './counters.ts';
import { isMany, type Limits } from './limits.ts';
import type { Marks } from './marks.ts';
import type { ThrottleStore } from './store.ts';

type Deps = {
  readonly limits: Limits;
  readonly numbers: Numbers;
  readonly counters: Counters;
  readonly store: ThrottleStore;
  readonly marks: Marks;
  readonly attemptOf: AttemptOf;
};

/** Attempts at a second factor, and changes of factors. */
export function createFactorAttempts(
  deps: Deps,
): Pick<Throttle, 'factor' | 'passkey' | 'unlockFactor' | 'factorChange'> {
  const { limits, numbers, counters, store, marks, attemptOf } = deps;
  return {
    async factor(userId, names, origin, within) {
      const { of } = await numbers();
      const device = origin.isKnownDevice ? origin.knownDevice?.id : undefined;
      const from = device ?? origin.network;
      const own = of(limits.factors, userId, from);
      // Failures from elsewhere do not block a network or device that the account has logged in from.
      const isKnown = origin.isKnown || device !== undefined;
      const all = of(limits.accountFactors, userId, ...(isKnown ? [from] : []));
      const counted = await counters.begin([own, all], [], within);
      const many = counted.find(
        ({ number, hits, limit }) => number === all.number && isMany(hits, limit),
      );
      const succeed = async (tx: Tx): Promise<void> => {
        for (const bucket of counted)
          if (bucket.number === own.number) await store.remove(tx, bucket.number);
          else await counters.takeBack(tx, bucket);
        for (const name of names) await marks.remember(tx, name, origin);
      };
      return attemptOf(counted, origin, succeed, many?.hits);
    },

    async passkey(network, userId, within) {
      const { around, of } = await numbers();
      const own = userId !== undefined && [of(limits.passkeys, userId, network)];
      const counted = await counters.begin(own || around(limits.passkeys, network), [], within);
      return async (tx, userId, names, origin) => {
        const { of } = await numbers(tx);
        await counters.countAll(tx, [of(limits.accountPasskeys, userId)]);
        for (const bucket of counted) await counters.takeBack(tx, bucket);
        for (const name of names) await marks.remember(tx, name, origin);
      };
    },

    async unlockFactor(tx, userId) {
      await store.remove(tx, (await numbers(tx)).of(limits.accountFactors, userId).number);
    },

    async factorChange(userId, kind) {
      const { of } = await numbers();
      await counters.begin([of(limits.factorChanges, userId, kind)]);
    },
  };
}
