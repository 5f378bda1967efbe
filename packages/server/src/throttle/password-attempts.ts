import type { Tx } from '../database/database.ts';
import { isRefusal } from '../errors.ts';
import type { Throttle } from './attempt.ts';
import type { Bucket, Numbers } from './buckets.ts';
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

/** Attempts at a password: at a login, at the admin listener, or when it is asked for again. */
export function createPasswordAttempts(deps: Deps): Pick<Throttle, 'begin'> {
  const { limits, numbers, counters, store, marks, attemptOf } = deps;
  return {
    async begin(purpose, account, origin, onRefused) {
      const { network, isKnown, unlocks } = origin;
      const device = origin.isKnownDevice ? origin.knownDevice?.id : undefined;
      const { of, around } = await numbers();
      const lane = purpose === 'admin' ? ['admin'] : [];
      const logins = of(limits.accountSuccesses, account, unlocks, ...lane);
      // A password alone must not use up the logins of an account that has a second factor.
      const halves = of(limits.accountSuccesses, account, unlocks, ...lane, network);
      const successes: Bucket[] =
        purpose === 'confirm'
          ? [of(limits.confirmations, account, network, unlocks)]
          : [logins, halves, ...around(limits.networkSuccesses, network)];
      const failures = of(limits.failures, account, unlocks, ...lane);
      const own =
        device === undefined
          ? of(limits.account, account, network, unlocks, ...lane)
          : of(limits.devices, account, device);
      const attempts = [own];
      // Neither others in its network nor failures from elsewhere block a device of the account.
      if (device === undefined) attempts.push(...around(limits.network, network));
      // Failures from elsewhere do not block a network that the account has logged in from.
      if (device === undefined && !isKnown) attempts.push(failures);

      const counted = await counters.begin(attempts, successes).catch(async (error) => {
        if (isRefusal(error, 'throttled')) await onRefused?.();
        throw error;
      });

      const many = counted.find(({ number, hits, limit }) =>
        number === own.number
          ? hits === limit.quota
          : number === failures.number && isMany(hits, limit),
      );

      const succeed = async (tx: Tx, remembers: boolean): Promise<void> => {
        const other = remembers ? halves : logins;
        const right = successes.filter((bucket) => bucket !== other);
        await counters.countAll(tx, right);
        // Failures from its own network are forgiven; those from others are still guesses.
        const forgiven = (await store.find(own.number, tx))?.hits ?? 0;
        for (const bucket of counted) {
          // A device gets a new token with its own count, because the former token may be in other
          // hands.
          if (bucket.number === own.number && device === undefined)
            await store.remove(tx, bucket.number);
          else if (bucket.number === failures.number)
            await store.takeBack(tx, bucket.number, Math.max(1, forgiven));
          else await counters.takeBack(tx, bucket);
        }
        if (remembers) await marks.remember(tx, account, origin);
      };
      return attemptOf(counted, origin, succeed, purpose === 'login' ? many?.hits : undefined);
    },
  };
}
