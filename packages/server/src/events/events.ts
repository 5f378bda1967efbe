/**
 * Events: what happened to accounts and sessions, for other programs, which read them in order and
 * continue after the last one they know. Owns no table: events are rows of the audit log, written in
 * the transaction of their change, so they cost logins nothing. Does not own what is recorded
 * (audit/). Imported by services.ts, routes.ts and the CLI.
 */
import type { AuditStore } from '../audit/store.ts';
import { systemTimers, type Timers } from '../clock.ts';
import type { FollowedDatabase } from '../database/database.ts';
import { type Event, type EventType, eventOf } from './event.ts';
import { createSettled } from './settled.ts';

/** The most rows of the audit log that one page reads: a millisecond of the event loop. */
export const MAX_PAGE = 200;

export type Events = ReturnType<typeof createEvents>;

export type Question = {
  /** The number of the last known event; 0 = start with the oldest that is kept. */
  readonly after: number;
  /** Rows to read, up to `MAX_PAGE`. */
  readonly limit?: number;
  /** Absent: all. */
  readonly types?: readonly EventType[] | undefined;
  /** Milliseconds that `newest` may be out of date; default 0. */
  readonly maxAge?: number;
};

export type EventPage =
  | {
      readonly state: 'read';
      readonly events: readonly Event[];
      /** The `after` of the next page. */
      readonly next: number;
      /** The highest number that can be read. */
      readonly newest: number;
    }
  /** The events after `after` have been deleted, or `after` is from another database. */
  | { readonly state: 'gone'; readonly oldest: number; readonly newest: number };

type Deps = {
  readonly store: Pick<AuditStore, 'between' | 'purgedThrough'>;
  readonly database: Pick<FollowedDatabase, 'auditNumbers' | 'lastIds'>;
  readonly timers?: Timers | undefined;
};

export function createEvents({ store, database, timers = systemTimers }: Deps) {
  const settle = createSettled();
  let settled = 0;
  let lookedAt = Number.NEGATIVE_INFINITY;
  let looking: Promise<void> | undefined;

  async function lookOnce(): Promise<void> {
    settled = settle(await database.auditNumbers());
    lookedAt = timers.elapsed();
  }

  /** Updates what can be read, once for all callers that ask meanwhile. */
  function look(): Promise<void> {
    looking ??= lookOnce().finally(() => {
      looking = undefined;
    });
    return looking;
  }

  async function newest(maxAge = 0): Promise<number> {
    if (timers.elapsed() - lookedAt >= maxAge) await look();
    return settled;
  }

  /**
   * Whether a number above `newest` is foreign: a faster process may have seen it, or it was never
   * assigned here.
   */
  const isForeign = async (after: number): Promise<boolean> =>
    after > ((await database.lastIds())['audit_events'] ?? 0);

  return {
    /** The highest number that can be read, where a new reader begins. */
    async newest(): Promise<number> {
      return Math.max(await newest(), await store.purgedThrough());
    },

    /** Events after a number, the oldest first. `next` advances even if no event has one of the types. */
    async page({ after, limit = MAX_PAGE, types, maxAge }: Question): Promise<EventPage> {
      const upTo = await newest(maxAge);
      const rows = after < upTo ? await store.between(after, upTo, limit) : [];
      // Read after the rows, so that deletions before that read are known.
      const purged = after === upTo ? 0 : await store.purgedThrough();
      const last = Math.max(upTo, purged);
      const isPurged = after > 0 && after < purged;
      if (isPurged || (after > last && (await isForeign(after))))
        return { state: 'gone', oldest: purged + 1, newest: last };
      const events = rows
        .map(eventOf)
        .filter((each) => each !== undefined)
        .filter(({ type }) => types?.includes(type) ?? true);
      const next = rows.length === limit ? (rows.at(-1)?.id ?? after) : Math.max(after, last);
      return { state: 'read', events, next, newest: Math.max(after, last) };
    },
  };
}
