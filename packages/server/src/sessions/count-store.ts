/** Counts all sessions, in short steps; a part of the owner of their table. */
import type { Database } from '../database/database.ts';

/** Rows per step: some 2 ms. */
const ROWS = 5000;

export function createSessionCounts({ db }: Database) {
  /** Sessions that have not ended, by account: read from an index alone. */
  async function* unended(): AsyncGenerator<number> {
    for (let after = 0; ; ) {
      const from = db
        .selectFrom('sessions')
        .where('ended_at', 'is', null)
        .where('user_id', '>', after);
      const edge = await from
        .select('user_id as key')
        .orderBy('user_id')
        .offset(ROWS)
        .limit(1)
        .executeTakeFirst();
      const some = edge ? from.where('user_id', '<=', edge.key) : from;
      yield await countOf(some.select('user_id'));
      if (!edge) return;
      after = edge.key;
    }
  }

  /** Of these, the sessions that have expired and are not deleted yet. */
  async function* expired(now: number): AsyncGenerator<number> {
    for (let after = 0; ; ) {
      const from = db
        .selectFrom('sessions')
        .where('expires_at', '>', after)
        .where('expires_at', '<=', now);
      const edge = await from
        .select('expires_at as key')
        .orderBy('expires_at')
        .offset(ROWS)
        .limit(1)
        .executeTakeFirst();
      const some = edge ? from.where('expires_at', '<=', edge.key) : from;
      yield await countOf(some.where('ended_at', 'is', null).select('user_id'));
      if (!edge) return;
      after = edge.key;
    }
  }

  async function countOf(rows: ReturnType<typeof keys>): Promise<number> {
    const row = await db
      .selectFrom(rows.as('some'))
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .executeTakeFirst();
    return Number(row?.count ?? 0);
  }

  const keys = () => db.selectFrom('sessions').select('user_id');

  return {
    /** The number of open sessions, as the sum of what the steps yield. */
    async *open(now: number): AsyncGenerator<number> {
      yield* unended();
      for await (const count of expired(now)) yield -count;
    },
  };
}
