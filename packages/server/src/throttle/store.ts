/** The only owner of the `throttle_counts` table. */

import type { Database, Tx } from '../database/database.ts';
import { purgeExpired } from '../database/purge.ts';
import { named } from '../database/statement.ts';
import type { Count } from './limits.ts';

type Row = { hits: number; since: number; expires_at: number };
export type Counted = Count & { readonly expiresAt: number };

type Put = Counted & {
  readonly bucket: number;
  readonly seenHits: number;
  readonly seenSince: number;
};

export type ThrottleStore = ReturnType<typeof createThrottleStore>;

export function createThrottleStore({ db, prepare }: Database) {
  const find = named(prepare, (p: { bucket: number }) =>
    db
      .selectFrom('throttle_counts')
      .select(['hits', 'since', 'expires_at'])
      .where('bucket', '=', p.bucket),
  );
  // The state that was read is part of the condition, so two nodes that count at once both count.
  const put = named(prepare, (p: Put) =>
    db
      .insertInto('throttle_counts')
      .values({ bucket: p.bucket, hits: p.hits, since: p.since, expires_at: p.expiresAt })
      .onConflict((conflict) =>
        conflict
          .column('bucket')
          .doUpdateSet((eb) => ({
            hits: eb.ref('excluded.hits'),
            since: eb.ref('excluded.since'),
            expires_at: eb.ref('excluded.expires_at'),
          }))
          .where('throttle_counts.hits', '=', p.seenHits)
          .where('throttle_counts.since', '=', p.seenSince),
      )
      .returning('bucket'),
  );

  return {
    /** The key with which all processes of this database number their buckets. */
    async readKey(tx?: Tx): Promise<Uint8Array> {
      const select = (tx?.db ?? db).selectFrom('installation').select('throttle_key');
      return Buffer.from((await select.executeTakeFirstOrThrow()).throttle_key, 'hex');
    },

    async find(bucket: number, tx?: Tx): Promise<Counted | undefined> {
      const row = tx ? await find.within(tx, { bucket }) : await find.read({ bucket });
      return row && toCounted(row);
    },

    /** In the order of the numbers. One query, because the connections of PostgreSQL are few. */
    async findAll(buckets: readonly number[]): Promise<(Counted | undefined)[]> {
      const rows = await db
        .selectFrom('throttle_counts')
        .select(['bucket', 'hits', 'since', 'expires_at'])
        .where('bucket', 'in', buckets)
        .execute();
      const found = new Map(rows.map((row) => [row.bucket, toCounted(row)]));
      return buckets.map((bucket) => found.get(bucket));
    },

    /** `false` when the bucket has changed since it was read. */
    async put(tx: Tx, bucket: number, seen: Count | undefined, next: Counted): Promise<boolean> {
      const [seenHits, seenSince] = [seen?.hits ?? -1, seen?.since ?? -1];
      const row = await put.within(tx, { ...next, bucket, seenHits, seenSince });
      return row !== undefined;
    },

    async remove(tx: Tx, bucket: number): Promise<void> {
      await tx.db.deleteFrom('throttle_counts').where('bucket', '=', bucket).execute();
    },

    /** Takes up to `hits` back; with `since`, only from the count that began then. */
    async takeBack(tx: Tx, bucket: number, hits: number, since?: number): Promise<void> {
      let update = tx.db
        .updateTable('throttle_counts')
        .set((is) => ({
          hits: is
            .case()
            .when('hits', '>', hits)
            .then(is('hits', '-', hits))
            .else(0)
            .end(),
        }))
        .where('bucket', '=', bucket);
      if (since !== undefined) update = update.where('since', '=', since);
      await update.execute();
    },

    purge: purgeExpired('throttle_counts', 'bucket'),
  };
}

const toCounted = ({ hits, since, expires_at }: Row): Counted => ({
  hits,
  since,
  expiresAt: expires_at,
});
