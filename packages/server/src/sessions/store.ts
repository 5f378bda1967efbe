/** The only owner of the `sessions` table (it reads the owner's state from `users`). */

import type { EndReason } from '../audit/event.ts';
import type { Database, Tx } from '../database/database.ts';
import { purgeExpired } from '../database/purge.ts';
import { named } from '../database/statement.ts';
import { type Ended, toEnded } from './account-store.ts';
import { OWNER_COLUMNS } from './owner.ts';
import type { RotationState } from './rotation.ts';
import { CORE_COLUMNS, ROTATION_COLUMNS, toOwned, toRotationState } from './row.ts';
import type {
  DeviceSession,
  HeldSession,
  OwnedSession,
  RotatingSession,
  Session,
} from './session.ts';

type Advance = RotationState & {
  readonly id: string;
  readonly now: number;
  readonly seenGeneration: number;
  readonly seenGivenAt: number;
  readonly seenLateGeneration: number;
  readonly seenLateStreak: number;
};

/** A session by id and account: another account's session is not found. */
type Owned = { readonly id: string; readonly userId: number };

type Change = { readonly auth: string } | { readonly ended_at: null };

type End = Owned & {
  readonly reason: EndReason;
  readonly now: number;
  readonly expiredAfter: number;
};

export type SessionStore = ReturnType<typeof createSessionStore>;

export function createSessionStore({ db, prepare }: Database) {
  const owned = () =>
    db
      .selectFrom('sessions')
      .innerJoin('users', 'users.id', 'sessions.user_id')
      .select(CORE_COLUMNS)
      .select(['users.is_active', 'users.session_series', ...OWNER_COLUMNS]);
  const find = named(prepare, (p: { id: string }) => owned().where('sessions.id', '=', p.id));
  const findRotating = named(prepare, (p: { id: string }) =>
    owned().select(ROTATION_COLUMNS).where('sessions.id', '=', p.id),
  );
  // The state that was read is part of the condition, so a state that has changed since is kept.
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
  const end = named(prepare, (p: End) =>
    db
      .updateTable('sessions')
      .set({ ended_at: p.now, end_reason: p.reason })
      .where('id', '=', p.id)
      .where('user_id', '=', p.userId)
      .where('ended_at', 'is', null)
      .where('expires_at', '>', p.expiredAfter)
      .where('series', '=', (eb) =>
        eb
          .selectFrom('users')
          .select('session_series')
          .whereRef('users.id', '=', 'sessions.user_id'),
      )
      .returning(['id', 'last_used_at']),
  );

  /** Changes a session that is open. @returns whether it was */
  async function updateOpen(tx: Tx, { id, userId }: Owned, change: Change): Promise<boolean> {
    const present = tx.db.selectFrom('users').select('session_series').where('id', '=', userId);
    const row = await tx.db
      .updateTable('sessions')
      .set(change)
      .where('id', '=', id)
      .where('user_id', '=', userId)
      .where('ended_at', 'is', null)
      .where('series', '=', present)
      .returning('id')
      .executeTakeFirst();
    return row !== undefined;
  }

  return {
    /** Whether there was no login, or all sessions have been forgotten. */
    async isEmpty(): Promise<boolean> {
      const row = await db.selectFrom('sessions').select('id').limit(1).executeTakeFirst();
      return row === undefined;
    },

    async find(id: string): Promise<OwnedSession | undefined> {
      const row = await find.read({ id });
      return row && toOwned(id, row);
    },

    async findRotating(tx: Tx, id: string): Promise<RotatingSession | undefined> {
      const row = await findRotating.within(tx, { id });
      return row && Object.assign(toOwned(id, row), toRotationState(row));
    },

    /** Does nothing when the id exists already. @returns whether it was inserted */
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

    /** Records that a session was used. @returns whether it was open */
    async touch(tx: Tx, { id, series }: HeldSession, now: number): Promise<boolean> {
      return (await touch.within(tx, { id, series, now })) !== undefined;
    },

    /** Whether it is open: an update that changes nothing locks the row. */
    holdOpen: (tx: Tx, session: Owned): Promise<boolean> =>
      updateOpen(tx, session, { ended_at: null }),

    /** Records that its user was authenticated again. @returns whether it was open */
    authenticate: (tx: Tx, session: Owned, auth: string): Promise<boolean> =>
      updateOpen(tx, session, { auth }),

    /** Ends a session that is open or expired after `expiredAfter`; `undefined` = there is none. */
    async end(
      tx: Tx,
      { id, userId }: Owned,
      reason: EndReason,
      now: number,
      expiredAfter: number,
    ): Promise<Ended | undefined> {
      const row = await end.within(tx, { id, userId, reason, now, expiredAfter });
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

    purge: purgeExpired('sessions', 'id'),
  };
}
