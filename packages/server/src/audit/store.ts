/** The only owner of the `audit_events` table. */
import { type RawBuilder, type Selectable, sql } from 'kysely';
import type { Database, Tx } from '../database/database.ts';
import { type Place, scan } from '../database/scan.ts';
import { named } from '../database/statement.ts';
import type { AuditEventsTable } from '../database/tables/audit-events.ts';
import type { Actor, AuditEvent, EventName, NewEvent } from './event.ts';

export type AuditStore = ReturnType<typeof createAuditStore>;

export type Filter = {
  readonly userId?: number | undefined;
  readonly event?: EventName | undefined;
  /** The first and the last moment, in epoch milliseconds. */
  readonly since?: number | undefined;
  readonly until?: number | undefined;
  /** Only events after this one, in the order of `list`. */
  readonly before?: { readonly at: number; readonly id: number } | undefined;
  readonly limit: number;
};

/** The most rows that a page of one kind of event reads, because kinds have no index. */
const LOOKED_AT = 10_000;

const USER_AGENT_LENGTH = 200;
const AT_ONCE = 1000;

export function createAuditStore({ db, prepare }: Database) {
  const insert = named(prepare, (p: Omit<Selectable<AuditEventsTable>, 'id' | 'user_uuid'>) =>
    db
      .insertInto('audit_events')
      .values({
        at: p.at,
        event: p.event,
        user_id: p.user_id,
        user_uuid: uuidOf(p.user_id),
        session_id: p.session_id,
        actor: p.actor,
        address: p.address,
        user_agent: p.user_agent,
        request_id: p.request_id,
        details: p.details,
      })
      .returning('id'),
  );

  const purged = named(prepare, () => db.selectFrom('audit_purged').select('through'));

  const matching = ({ userId, event, since, until, before }: Filter) => {
    let select = db
      .selectFrom('audit_events')
      .leftJoin('users', 'users.id', 'audit_events.user_id')
      .selectAll('audit_events')
      .select((eb) => eb.fn.coalesce('audit_events.user_uuid', 'users.uuid').as('uuid'));
    if (userId !== undefined) select = select.where('user_id', '=', userId);
    if (event !== undefined) select = select.where('event', '=', event);
    if (since !== undefined) select = select.where('at', '>=', since);
    if (until !== undefined) select = select.where('at', '<=', until);
    // The time stands here as well: engines seek by a value, and misjudge a row of values.
    if (before !== undefined)
      select = select
        .where('at', '<=', before.at)
        .where(sql<boolean>`(at, audit_events.id) < (${before.at}, ${before.id})`);
    return select;
  };

  return {
    async insert(tx: Tx, at: number, event: NewEvent) {
      await insert.within(tx, toRow(at, event));
    },

    /** The same for up to a thousand events. */
    async insertAll(tx: Tx, at: number, events: readonly NewEvent[]): Promise<void> {
      const [first] = events;
      if (!first) return;
      if (events.length === 1) return this.insert(tx, at, first);
      const rows = events.map((event) => ({
        ...toRow(at, event),
        user_uuid: uuidOf(event.userId ?? null),
      }));
      await tx.db.insertInto('audit_events').values(rows).execute();
    },

    /**
     * The same for one kind, without an index: `stoppedAt` is set when the bounded read did not
     * reach the end.
     */
    async listOfKind(
      filter: Filter,
    ): Promise<{ readonly events: AuditEvent[]; readonly stoppedAt?: Place }> {
      const { since, until, before } = filter;
      const kind = ({ value, id }: Place) => sql`(${value}, ${id})`;
      const { rows, stoppedAt } = await scan({
        ...{ size: filter.limit, most: LOOKED_AT },
        after: before && { value: before.at, id: before.id },
        edge(after, count) {
          let all = db.selectFrom('audit_events').select(['id', 'at as value']);
          if (since !== undefined) all = all.where('at', '>=', since);
          if (until !== undefined) all = all.where('at', '<=', until);
          if (after)
            all = all
              .where('at', '<=', Number(after.value))
              .where(sql<boolean>`(at, id) < ${kind(after)}`);
          const inOrder = all.orderBy('at', 'desc').orderBy('id', 'desc');
          return inOrder
            .offset(count - 1)
            .limit(1)
            .executeTakeFirst();
        },
        wanted(after, end, limit) {
          const place = after && { at: Number(after.value), id: after.id };
          const some = matching({ ...filter, before: place });
          const above = end
            ? some
                .where('at', '>=', Number(end.value))
                .where(sql<boolean>`(at, audit_events.id) >= ${kind(end)}`)
            : some;
          const inOrder = above.orderBy('at', 'desc').orderBy('audit_events.id', 'desc');
          return inOrder.limit(limit).execute();
        },
      });
      return { events: rows.map(toEvent), ...(stoppedAt && { stoppedAt }) };
    },

    /** The newest first, by time and not by id: a failed login is written later than it happened. */
    async list(filter: Filter): Promise<AuditEvent[]> {
      const select = matching(filter).orderBy('at', 'desc').orderBy('audit_events.id', 'desc');
      return (await select.limit(filter.limit).execute()).map(toEvent);
    },

    /** Events with ids above `id`, in the order of their ids. */
    async after(id: number, filter: Filter): Promise<AuditEvent[]> {
      const select = matching(filter).where('audit_events.id', '>', id).orderBy('audit_events.id');
      return (await select.limit(AT_ONCE).execute()).map(toEvent);
    },

    /** Events above `id` and up to `upTo`, in the order of their ids; reads no other rows. */
    async between(id: number, upTo: number, limit: number): Promise<AuditEvent[]> {
      const select = matching({ limit })
        .where('audit_events.id', '>', id)
        .where('audit_events.id', '<=', upTo)
        .orderBy('audit_events.id');
      return (await select.limit(limit).execute()).map(toEvent);
    },

    /** The highest id that was deleted; 0 = none yet. */
    async purgedThrough(): Promise<number> {
      return (await purged.read({}))?.through ?? 0;
    },

    async lastId(): Promise<number> {
      const row = await db
        .selectFrom('audit_events')
        .select('id')
        .orderBy('id', 'desc')
        .limit(1)
        .executeTakeFirst();
      return row?.id ?? 0;
    },

    /**
     * Deletes, of the `limit` oldest rows, those older than `before`; returns how many. It goes by
     * the id, which grows with time, so no index on the time is needed.
     */
    async purge(tx: Tx, before: number, limit: number): Promise<number> {
      const oldest = tx.db
        .selectFrom('audit_events')
        .select(['id', 'at'])
        .orderBy('id')
        .limit(limit)
        .as('oldest');
      const gone = await tx.db
        .deleteFrom('audit_events')
        .where('id', 'in', tx.db.selectFrom(oldest).select('id').where('at', '<', before))
        .returning('id')
        .execute();
      await notePurged(tx, Math.max(0, ...gone.map(({ id }) => id)));
      return gone.length;
    },
  };
}

/** Lets a reader learn that events after its last number were deleted. */
async function notePurged({ db }: Tx, through: number): Promise<void> {
  if (through === 0) return;
  await db
    .insertInto('audit_purged')
    .values({ id: 1, through })
    .onConflict((conflict) =>
      conflict.column('id').doUpdateSet({ through }).where('audit_purged.through', '<', through),
    )
    .execute();
}

const uuidOf = (userId: number | null): RawBuilder<string | null> =>
  sql`(select uuid from users where id = ${userId})`;

const toRow = (at: number, { event, userId, sessionId, by, details }: NewEvent) => ({
  at,
  event,
  user_id: userId ?? null,
  session_id: sessionId ?? null,
  actor: by.actor ?? 'self',
  address: by.address ?? '',
  user_agent: (by.userAgent ?? '').slice(0, USER_AGENT_LENGTH),
  request_id: by.requestId ?? '',
  details: details ? JSON.stringify(details) : '{}',
});

const toEvent = (row: Selectable<AuditEventsTable> & { uuid: string | null }): AuditEvent => ({
  id: row.id,
  at: row.at,
  event: row.event as EventName,
  userId: row.user_id ?? undefined,
  publicId: row.uuid ?? row.user_id ?? undefined,
  sessionId: row.session_id ?? undefined,
  actor: row.actor as Actor,
  address: row.address,
  userAgent: row.user_agent,
  requestId: row.request_id,
  details: JSON.parse(row.details),
});
