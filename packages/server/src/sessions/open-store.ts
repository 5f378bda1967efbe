/** The statements that read many sessions of an account, each bounded. */
import type { Database, Tx } from '../database/database.ts';
import { named } from '../database/statement.ts';
import { type Ended, type Series, toEnded } from './account-store.ts';
import { toDeviceSession } from './row.ts';
import type { DeviceSession } from './session.ts';

/** The position of a list: after this session. */
export type Cursor = { readonly lastUsedAt: number; readonly id: string };

export type OpenStore = ReturnType<typeof createOpenStore>;

type Some = Series & { readonly limit: number };

export function createOpenStore({ db, prepare }: Database) {
  // Prepared, because each login counts.
  const count = named(prepare, (p: Some) =>
    db
      .selectFrom(openOf(db, p).select('id').limit(p.limit).as('some'))
      .select((eb) => eb.fn.countAll<number>().as('count')),
  );
  const leastUsed = named(prepare, (p: Some & { readonly now: number }) =>
    db
      .selectFrom(
        openOf(db, p)
          .select(['id', 'last_used_at'])
          .select((eb) => eb('expires_at', '>', p.now).as('is_open'))
          .limit(p.limit)
          .as('some'),
      )
      .select(['id', 'is_open'])
      .orderBy('is_open')
      .orderBy('last_used_at')
      .orderBy('id')
      .limit(1),
  );

  return {
    /** How many have not ended, including expired ones; counts no further than `limit`. */
    async count(tx: Tx, { userId, series }: Series, limit: number): Promise<number> {
      const row = await count.within(tx, { userId, series, limit });
      return Number(row?.count ?? 0);
    },

    /**
     * The least recently used of `limit` sessions that have not ended; `undefined` when one of them
     * has expired.
     */
    async leastUsed(
      tx: Tx,
      { userId, series }: Series,
      now: number,
      limit: number,
    ): Promise<string | undefined> {
      const row = await leastUsed.within(tx, { userId, series, now, limit });
      return row?.is_open ? row.id : undefined;
    },

    /** A page of open sessions, in the order of their ids. */
    async openAfter(series: Series, after: string, now: number, limit: number): Promise<Page> {
      return pageOf(await afterId(db, series, after, limit), now, limit);
    },

    /** The same within a transaction, from the first on. */
    async openWithin(tx: Tx, series: Series, now: number, limit: number): Promise<Page> {
      return pageOf(await afterId(tx.db, series, '', limit), now, limit);
    },

    /**
     * Open sessions after `after`, the most recently used first.
     *
     * @param among the most sessions to look through: an account has more only for a moment
     */
    async list(
      userId: number,
      now: number,
      limit: number,
      after: Cursor | undefined,
      among: number,
    ): Promise<DeviceSession[]> {
      const open = db
        .selectFrom('sessions')
        .innerJoin('users', (join) =>
          join
            .onRef('users.id', '=', 'sessions.user_id')
            .onRef('users.session_series', '=', 'sessions.series'),
        )
        .selectAll('sessions')
        .where('sessions.user_id', '=', userId)
        .where('ended_at', 'is', null)
        .limit(among)
        .as('open');
      let page = db
        .selectFrom(open)
        .selectAll()
        .where('expires_at', '>', now)
        .orderBy('last_used_at', 'desc')
        .orderBy('id', 'desc')
        .limit(limit);
      if (after)
        page = page.where((is) =>
          is.or([
            is('last_used_at', '<', after.lastUsedAt),
            is.and([is('last_used_at', '=', after.lastUsedAt), is('id', '<', after.id)]),
          ]),
        );
      const rows = await page.execute();
      return rows.map(toDeviceSession);
    },

    /**
     * Accounts with more than `limit` sessions that have not ended, and accounts with left-over
     * rows of an earlier series, among as many rows after `after` as one step may read. `next` is
     * where the next step begins.
     */
    async survey(after: number, limit: number, rows: number): Promise<Survey> {
      const some = db
        .selectFrom('sessions')
        .select(['user_id', 'series'])
        .where('ended_at', 'is', null)
        .where('user_id', '>', after)
        .orderBy('user_id')
        .orderBy('series')
        .limit(rows)
        .as('some');
      const counts = await db
        .selectFrom(some)
        .innerJoin('users', 'users.id', 'some.user_id')
        .select(['some.user_id', 'some.series', 'users.session_series'])
        .select((eb) => eb.fn.countAll<number>().as('count'))
        .groupBy(['some.user_id', 'some.series', 'users.session_series'])
        .orderBy('some.user_id')
        .execute();
      const total = counts.reduce((sum, { count }) => sum + Number(count), 0);
      const crowded = counts.filter(({ count }) => Number(count) > limit);
      const left = counts.filter(({ series, session_series }) => series < session_series);
      // The last account may have more rows than were read.
      const [first, last] = [counts.at(0)?.user_id, counts.at(-1)?.user_id];
      const isOver = total < rows || last === undefined;
      return {
        crowded: [...new Set(crowded.map(({ user_id }) => user_id))],
        left: left.map(({ user_id, session_series }) => ({
          userId: user_id,
          series: session_series,
        })),
        next: isOver ? undefined : first === last ? last : last - 1,
      };
    },
  };
}

type Survey = {
  readonly crowded: readonly number[];
  readonly left: readonly Series[];
  readonly next: number | undefined;
};
type Page = { readonly open: Ended[]; readonly next: string | undefined };
type OpenRow = { readonly id: string; readonly last_used_at: number; readonly expires_at: number };

const openOf = (from: Tx['db'], { userId, series }: Series) =>
  from
    .selectFrom('sessions')
    .where('user_id', '=', userId)
    .where('series', '=', series)
    .where('ended_at', 'is', null);

const afterId = (
  from: Tx['db'],
  series: Series,
  after: string,
  limit: number,
): Promise<OpenRow[]> =>
  openOf(from, series)
    .select(['id', 'last_used_at', 'expires_at'])
    .where('id', '>', after)
    .orderBy('id')
    .limit(limit)
    .execute();

const pageOf = (rows: readonly OpenRow[], now: number, limit: number): Page => ({
  open: rows.filter(({ expires_at }) => expires_at > now).map(toEnded),
  next: rows.length < limit ? undefined : rows.at(-1)?.id,
});
