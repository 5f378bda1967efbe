import type { Clock } from '../clock.ts';
import type { Transaction, Tx } from '../database/database.ts';
import { unavailable } from '../errors.ts';
import type { Bucket } from './buckets.ts';
import { decide } from './limits.ts';
import { throttled } from './refusals.ts';
import type { Counted, ThrottleStore } from './store.ts';

export type CountedBucket = Bucket & { readonly since: number; readonly hits: number };

export type Counters = ReturnType<typeof createCounters>;

type Deps = {
  readonly store: ThrottleStore;
  readonly transaction: Transaction;
  readonly clock: Clock;
};

const RACES = 100;

/** Counting in the database, by compare-and-swap on each row: nodes that count at once count all. */
export function createCounters({ store, transaction, clock }: Deps) {
  /** Reads the stored counts. Refuses without a write if one is exhausted. */
  async function look(buckets: readonly Bucket[]): Promise<(Counted | undefined)[]> {
    const now = clock.now();
    const counts = await store.findAll(buckets.map(({ number }) => number));
    for (const [i, { limit }] of buckets.entries()) {
      const verdict = decide(limit, counts[i], now);
      if (!verdict.allowed) throw throttled(limit, verdict.retryAt - now);
    }
    return counts;
  }

  async function count(tx: Tx, bucket: Bucket, looked?: Counted): Promise<CountedBucket> {
    const { limit, number } = bucket;
    let seen = looked;
    for (let race = 0; race < RACES; race++) {
      const now = clock.now();
      const verdict = decide(limit, seen, now);
      // Throwing rolls back the other counts of this transaction.
      if (!verdict.allowed) throw throttled(limit, verdict.retryAt - now);
      const { next, expiresAt } = verdict;
      if (await store.put(tx, number, seen, { ...next, expiresAt }))
        return { ...bucket, since: next.since, hits: next.hits };
      seen = await store.find(number, tx);
    }
    throw unavailable();
  }

  /** In the order of their numbers, so that nodes cannot deadlock. */
  const ordered = <B extends Bucket>(buckets: readonly B[]): B[] =>
    buckets.toSorted((a, b) => a.number - b.number);

  async function countAll(tx: Tx, buckets: readonly (Bucket & { looked?: Counted | undefined })[]) {
    const counted: CountedBucket[] = [];
    for (const bucket of ordered(buckets)) counted.push(await count(tx, bucket, bucket.looked));
    return counted;
  }

  /** For a backoff, `since` is the newest attempt, which may not be this one. */
  const takeBack = (tx: Tx, { limit, number, since }: CountedBucket): Promise<void> =>
    store.takeBack(tx, number, 1, limit.kind === 'quota' ? since : undefined);

  return {
    countAll,
    takeBack,

    /**
     * Counts in all of these buckets, or in none if one of them or of `others` is full.
     *
     * @param within runs in the transaction that counts them
     * @throws {Refusal} `throttled`
     */
    async begin(
      buckets: readonly Bucket[],
      others: readonly Bucket[] = [],
      within?: (tx: Tx) => Promise<void>,
    ): Promise<CountedBucket[]> {
      const counts = await look([...buckets, ...others]);
      const looked = buckets.map((bucket, i) => ({ ...bucket, looked: counts[i] }));
      return transaction(async (tx) => {
        const counted = await countAll(tx, looked);
        await within?.(tx);
        return counted;
      });
    },

    takeAllBack: (counted: readonly CountedBucket[]): Promise<void> =>
      transaction(async (tx) => {
        for (const each of ordered(counted)) await takeBack(tx, each);
      }),
  };
}
