/** The only owner of the `sessions` table (it reads the owner's state from `users`). */
import type { Selectable } from 'kysely';
import type { Database, Tx } from '../database/database.ts';
import { named } from '../database/statement.ts';
import type { SessionsTable } from '../database/tables/sessions.ts';
import { type Ended, toEnded } from './account-store.ts';
import { OWNER_COLUMNS, toOwner } from './owner.ts';
import type { RotationState } from './rotation.ts';
import type { DeviceSession, EndReason, OwnedSession, Session } from './session.ts';

type Row = Selectable<SessionsTable>;
type SessionRow = Omit<Row, 'user_agent' | 'address' | 'end_reason'>;
type Advance = RotationState & {
  readonly id: string;
  readonly now: number;
  readonly seenGeneration: number;
  readonly seenGivenAt: number;
  readonly seenLateGeneration: number;
  readonly seenLateStreak: number;
};

/** A session of an account: another account's is not there. */
type Owned = { readonly id: string; readonly userId: number };

export type SessionStore = ReturnType<typeof createSessionStore>;

export function createSessionStore({ db, prepare }: Database) {
  const find = named(prepare, (p: { id: string }) =>
    db
      .selectFrom('sessions')
      .innerJoin('users', 'users.id', 'sessions.user_id')
      .select(SESSION_COLUMNS)
      .select(['users.is_active', 'users.session_series', ...OWNER_COLUMNS])
      .where('sessions.id', '=', p.id),
  );
  // What was seen is part of the condition: a state that has changed since is not replaced.
  const advance = named(prepare, (p: Advance) =>
    db
      .updateTable('sessions')
      .set({
        generation: p.generation,
        rotated_at: p.rotatedAt,
        rotated_by: p.rotatedBy,
        given_at: p.givenAt,
        given_to: p.givenTo,
        late_generation: p.lateGeneration,
        late_streak: p.lateStreak,
        expires_at: p.expiresAt,
        last_used_at: p.now,
      })
      .where('id', '=', p.id)
      .where('generation', '=', p.seenGeneration)
      .where('given_at', '=', p.seenGivenAt)
      .where('late_generation', '=', p.seenLateGeneration)
      .where('late_streak', '=', p.seenLateStreak)
      .where('ended_at', 'is', null)
      .returning('id'),
  );
  const touch = named(prepare, (p: { id: string; series: number; now: number }) =>
    db
      .updateTable('sessions')
      .set({ last_used_at: p.now })
      .where('id', '=', p.id)
      .where('series', '=', p.series)
      .where('ended_at', 'is', null)
      .returning('id'),
  );
  const insert = named(prepare, (p: DeviceSession) =>
    db
      .insertInto('sessions')
      .values({
        id: p.id,
        user_id: p.userId,
        generation: p.generation,
        rotated_at: p.rotatedAt,
        rotated_by: p.rotatedBy,
        given_at: p.givenAt,
        given_to: p.givenTo,
        late_generation: p.lateGeneration,
        late_streak: p.lateStreak,
        created_at: p.createdAt,
        expires_at: p.expiresAt,
        last_used_at: p.lastUsedAt,
        user_agent: p.userAgent,
        address: p.address,
        series: p.series,
        auth: p.auth ?? null,
        ended_at: p.endedAt ?? null,
        end_reason: null,
      })
      .onConflict((conflict) => conflict.column('id').doNothing())
      .returning('id'),
  );

  return {
    /** Whether there was no login, or all sessions have been forgotten. */
    async isEmpty(): Promise<boolean> {
      const row = await db.selectFrom('sessions').select('id').limit(1).executeTakeFirst();
      return row === undefined;
    },

    async find(id: string, tx?: Tx): Promise<OwnedSession | undefined> {
      const row = tx ? await find.within(tx, { id }) : await find.read({ id });
      if (!row) return undefined;
      const isOfPresentSeries = row.series === row.session_series;
      return Object.assign(toSession(row), {
        isUserActive: row.is_active === 1,
        isOfPresentSeries,
        owner: toOwner(row, row.user_id),
      });
    },

    /** Does nothing when the id is there already. @returns whether it was not */
    async insert(tx: Tx, session: DeviceSession): Promise<boolean> {
      return (await insert.within(tx, session)) !== undefined;
    },

    /** `false` when the session is no longer in the state that was seen. */
    async advance(tx: Tx, seen: Session, next: RotationState, now: number): Promise<boolean> {
      const row = await advance.within(tx, {
        ...next,
        now,
        id: seen.id,
        seenGeneration: seen.generation,
        seenGivenAt: seen.givenAt,
        seenLateGeneration: seen.lateGeneration,
        seenLateStreak: seen.lateStreak,
      });
      return row !== undefined;
    },

    /** Writes down that a session was used. @returns whether it was open */
    async touch(tx: Tx, { id, series }: Session, now: number): Promise<boolean> {
      return (await touch.within(tx, { id, series, now })) !== undefined;
    },

    /** Writes down that its user was authenticated again. @returns whether it was open */
    async authenticate(tx: Tx, { id, userId }: Owned, auth: string): Promise<boolean> {
      const row = await tx.db
        .updateTable('sessions')
        .set({ auth })
        .where('id', '=', id)
        .where('user_id', '=', userId)
        .where('ended_at', 'is', null)
        .returning('id')
        .executeTakeFirst();
      return row !== undefined;
    },

    /** Ends a session that is open, or expired after `expiredAfter`; `undefined` = it is neither. */
    async end(
      tx: Tx,
      { id, userId }: Owned,
      reason: EndReason,
      now: number,
      expiredAfter: number,
    ): Promise<Ended | undefined> {
      const row = await tx.db
        .updateTable('sessions')
        .set({ ended_at: now, end_reason: reason })
        .where('id', '=', id)
        .where('user_id', '=', userId)
        .where('ended_at', 'is', null)
        .where('expires_at', '>', expiredAfter)
        .where('series', '=', (eb) =>
          eb
            .selectFrom('users')
            .select('session_series')
            .whereRef('users.id', '=', 'sessions.user_id'),
        )
        .returning(['id', 'last_used_at'])
        .executeTakeFirst();
      return row && toEnded(row);
    },

    /** Deletes every session; returns how many were open. */
    async clear(tx: Tx, now: number): Promise<number> {
      const open = await tx.db
        .selectFrom('sessions')
        .select((eb) => eb.fn.countAll<number>().as('count'))
        .where('ended_at', 'is', null)
        .where('expires_at', '>', now)
        .executeTakeFirst();
      await tx.db.deleteFrom('sessions').execute();
      return Number(open?.count ?? 0);
    },

    /** Deletes up to `limit` sessions that expired before `before`; returns how many. */
    async purge(tx: Tx, before: number, limit: number): Promise<number> {
      const expired = tx.db
        .selectFrom('sessions')
        .select('id')
        .where('expires_at', '<', before)
        .orderBy('expires_at')
        .limit(limit);
      const result = await tx.db
        .deleteFrom('sessions')
        .where('id', 'in', expired)
        .executeTakeFirst();
      return Number(result.numDeletedRows);
    },
  };
}

// What a refresh needs; the device's texts are for the list alone.
const SESSION_COLUMNS = [
  'sessions.id',
  'user_id',
  'generation',
  'rotated_at',
  'rotated_by',
  'given_at',
  'given_to',
  'late_generation',
  'late_streak',
  'sessions.created_at',
  'expires_at',
  'last_used_at',
  'ended_at',
  'series',
  'auth',
] as const;

export function toSession(row: SessionRow): Session {
  return {
    id: row.id,
    userId: row.user_id,
    generation: row.generation,
    rotatedAt: row.rotated_at,
    rotatedBy: row.rotated_by,
    givenAt: row.given_at,
    givenTo: row.given_to,
    lateGeneration: row.late_generation,
    lateStreak: row.late_streak,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
    endedAt: row.ended_at ?? undefined,
    series: row.series,
    auth: row.auth ?? undefined,
  };
}
