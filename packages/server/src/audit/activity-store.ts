/** The only owner of the `activity` table; reads the events that it is counted from. */
import type { Database, Tx } from '../database/database.ts';
import type { EventName } from './event.ts';

/** The counts that charts show. */
const TALLIED = [
  'login.ok',
  'login.fail',
  'login.throttled',
  'user.register',
] as const satisfies readonly EventName[];
type Tallied = (typeof TALLIED)[number];
export type Tally = Readonly<Record<Tallied, number>>;

export const NONE: Tally = {
  'login.ok': 0,
  'login.fail': 0,
  'login.throttled': 0,
  'user.register': 0,
};
export const HOUR_MS = 3_600_000;

type Row = { readonly at: number; readonly id: number; readonly event: string };
export type Cursor = Pick<Row, 'at' | 'id'>;

const isTallied = (event: string): event is Tallied => TALLIED.some((each) => each === event);

export function createActivityStore({ db }: Database) {
  return {
    /** Adds to `tally` up to `limit` events after `after` and before `end`. `next`: where to continue. */
    async count(tally: Tally, after: Cursor, end: number, limit: number) {
      const rows = await db
        .selectFrom('audit_events')
        .select(['at', 'id', 'event', 'details'])
        // The time stands here as well: an engine may use the index for it, but not for a row of
        // values.
        .where('at', '>=', after.at)
        .where('at', '<', end)
        .where((is) =>
          is.or([
            is('at', '>', after.at),
            is.and([is('at', '=', after.at), is('id', '>', after.id)]),
          ]),
        )
        .orderBy('at')
        .orderBy('id')
        .limit(limit)
        .execute();
      const sum = { ...tally };
      for (const { event, details } of rows)
        if (isTallied(event)) sum[event] += details === '{}' ? 1 : (JSON.parse(details).count ?? 1);
      const last = rows.at(-1);
      const next = last && rows.length === limit ? { at: last.at, id: last.id } : undefined;
      return { tally: sum, events: rows.length, next };
    },

    /** The last hour that has been counted. */
    async lastHour(): Promise<number | undefined> {
      const row = await db
        .selectFrom('activity')
        .select('hour')
        .orderBy('hour', 'desc')
        .limit(1)
        .executeTakeFirst();
      return row?.hour;
    },

    /** When the first event since then happened. */
    async firstSince(at: number): Promise<number | undefined> {
      const row = await db
        .selectFrom('audit_events')
        .select('at')
        .where('at', '>=', at)
        .orderBy('at')
        .limit(1)
        .executeTakeFirst();
      return row?.at;
    },

    /** Hours that another process has written in the meantime stay as they are. */
    async write(tx: Tx, hours: ReadonlyMap<number, Tally>): Promise<void> {
      const values = [...hours].flatMap(([hour, tally]) =>
        TALLIED.map((event) => ({ hour, event, count: tally[event] })),
      );
      if (values.length > 0)
        await tx.db
          .insertInto('activity')
          .values(values)
          .onConflict((conflict) => conflict.doNothing())
          .execute();
    },

    /** Counted hours from `since` on. */
    async read(since: number): Promise<Map<number, Tally>> {
      const rows = await db.selectFrom('activity').selectAll().where('hour', '>=', since).execute();
      const hours = new Map<number, Tally>();
      for (const { hour, event, count } of rows)
        hours.set(hour, { ...(hours.get(hour) ?? NONE), [event]: Number(count) });
      return hours;
    },

    /** Deletes up to `limit` hours that began before `before`; returns how many rows. */
    async purge(tx: Tx, before: number, limit: number): Promise<number> {
      const old = tx.db
        .selectFrom('activity')
        .select('hour')
        .where('hour', '<', before)
        .orderBy('hour')
        .limit(limit);
      const result = await tx.db.deleteFrom('activity').where('hour', 'in', old).executeTakeFirst();
      return Number(result.numDeletedRows);
    },
  };
}

export type ActivityStore = ReturnType<typeof createActivityStore>;
