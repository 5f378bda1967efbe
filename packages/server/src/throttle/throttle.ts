/**
 * How often passwords and registrations may be tried, per account, network and both. Owns the
 * counts (`throttle_counts`), shared by all processes of a database, and the limits (limits.ts);
 * does not own what an account or a network is: callers name them. An attempt is counted before its
 * password is hashed. Imported by token/, users/, services.ts and routes.ts.
 */

import type { Clock } from '../clock.ts';
import type { Rates } from '../config/limits.ts';
import type { Transaction, Tx } from '../database/database.ts';
import { isDatabaseUnavailable } from '../database/faults.ts';
import { isRefusal } from '../errors.ts';
import type { Attempt, AttemptOrigin, Throttle } from './attempt.ts';
import { type Bucket, type Buckets, createBuckets } from './buckets.ts';
import { type CountedBucket, createCounters } from './counters.ts';
import { type Limit, limitsOf } from './limits.ts';
import { createMarks } from './marks.ts';
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

const UNCOUNTED: Attempt = {
  failures: undefined,
  succeed: async () => {},
  abandon: async () => {},
};

/** Allows everything. */
const createNoThrottle = (
  { unlock, forgetDevices }: Pick<Throttle, 'unlock' | 'forgetDevices'>,
  transaction: Transaction,
): Throttle => ({
  recognise: async (_account, origin) => ({
    ...origin,
    ...{ isKnown: false, isKnownDevice: false, isNew: false, unlocks: 0 },
  }),
  begin: async () => UNCOUNTED,
  register: async () => UNCOUNTED,
  forgetDevices,
  unlock,
  mail: async () => true,
  again: async () => true,
  notice: async () => true,
  code: async (_account, within) => transaction(within),
  async factor(_userId, _names, _origin, within) {
    await transaction(within);
    return UNCOUNTED;
  },
  unlockFactor: async () => {},
  factorChange: async () => {},
  refresh: () => {},
  look: async () => {},
});

export function createThrottle({ isOn, store, transaction, clock, rates }: Deps): Throttle {
  const limits = limitsOf(rates);
  const counters = createCounters({ store, transaction, clock });
  const refreshLimit = createSessionLimit(limits.refreshes);
  const lookLimit = createSessionLimit(limits.looks);
  const isToldOf = createSessionLimit({ ...limits.looks, quota: 1 });
  let numbering: Buckets | undefined;
  const numbers = async (tx?: Tx) => {
    numbering ??= createBuckets(await store.readKey(tx));
    return numbering;
  };
  const marks = createMarks({ store, clock, numbers, devices: limits.devices });
  // The command line clears counts whatever limits it would itself be run with.
  if (!isOn) return createNoThrottle(marks, transaction);

  const attemptOf = (
    counted: readonly CountedBucket[],
    { signal }: AttemptOrigin,
    succeed: (tx: Tx, remembers: boolean) => Promise<void>,
    failures?: number,
  ): Attempt => ({
    failures,
    succeed: (tx, remembers = true) =>
      tx ? succeed(tx, remembers) : transaction((own) => succeed(own, remembers)),
    async abandon(error) {
      // A client that disconnects while queued keeps its count; otherwise guessing would be free.
      if (!isUnavailable(error) || signal?.aborted) return;
      // The caller reports `error`; a database that fails here as well adds nothing to it.
      await counters.takeAllBack(counted).catch(() => {});
    },
  });

  async function countMails(accounts: readonly string[]): Promise<boolean> {
    const { of } = await numbers();
    const buckets = [...new Set(accounts)].map((account) => of(limits.mails, account));
    return isCounted(() => counters.begin(buckets));
  }

  return {
    recognise: marks.recognise,

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
      // A device of the account is not held up by others in its network, nor by failures from elsewhere.
      if (device === undefined) attempts.push(...around(limits.network, network));
      // Nor is a network the account has logged in from, by failures from elsewhere.
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
        // What its own network got wrong is forgiven; what others got wrong is still guessing.
        const forgiven = (await store.find(own.number, tx))?.hits ?? 0;
        for (const bucket of counted) {
          // A device gets a token with a count of its own; the former one may be in other hands too.
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

    async register(account, origin) {
      const { around } = await numbers();
      const counted = await counters.begin(around(limits.registrations, origin.network));
      return attemptOf(counted, origin, (tx) => marks.remember(tx, account, origin));
    },

    forgetDevices: marks.forgetDevices,

    unlock: marks.unlock,

    async mail(network, ...accounts) {
      const { around } = await numbers();
      await counters.begin(around(limits.networkMails, network));
      return countMails(accounts);
    },

    again: (account) => countMails([account]),

    async notice(kind, account) {
      const { of } = await numbers();
      return isCounted(() => counters.begin([of(limits.notices, account, kind)]));
    },

    async code(account, within) {
      const { of } = await numbers();
      await counters.begin([of(limits.codes, account)], [], within);
    },

    async factor(userId, names, origin, within) {
      const { of } = await numbers();
      const device = origin.isKnownDevice ? origin.knownDevice?.id : undefined;
      const from = device ?? origin.network;
      const own = of(limits.factors, userId, from);
      // A network or device the account has logged in from is not held up by failures from elsewhere.
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

    async unlockFactor(tx, userId) {
      await store.remove(tx, (await numbers(tx)).of(limits.accountFactors, userId).number);
    },

    async factorChange(userId, kind) {
      const { of } = await numbers();
      await counters.begin([of(limits.factorChanges, userId, kind)]);
    },

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

/** What is answered 503: no capacity, or no database. */
const isUnavailable = (error: unknown) =>
  isRefusal(error, 'unavailable') || isDatabaseUnavailable(error);

/** `false` = it would be one too many. */
async function isCounted(begin: () => Promise<unknown>): Promise<boolean> {
  try {
    await begin();
    return true;
  } catch (error) {
    if (isRefusal(error, 'throttled')) return false;
    throw error;
  }
}

/** Half of what holds an account up from all networks but known ones: said once on the way there. */
const isMany = (hits: number, { quota }: Limit): boolean => hits === Math.ceil(quota / 2);
