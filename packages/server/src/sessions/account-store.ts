/**
 * The statements that change many sessions of an account, each bounded. An account's sessions are
 * those of its present series, `users.session_series`, which only this file writes.
 */

import type { EndReason } from '../audit/event.ts';
import type { Database, Tx } from '../database/database.ts';
import { named } from '../database/statement.ts';
import { OWNER_COLUMNS, toOwner } from './owner.ts';
import type { SessionOwner } from './session.ts';

/** A session that has just ended. */
export type Ended = { readonly id: string; readonly lastUsedAt: number };

/** A row that was deleted. */
export type Forgotten = Ended & { readonly isEnded: boolean; readonly expiresAt: number };

/** The sessions of one series of an account. */
export type Series = { readonly userId: number; readonly series: number };

type Beginning = { readonly series: number; readonly owner: SessionOwner };

export type AccountStore = ReturnType<typeof createAccountStore>;

export function createAccountStore({ db, prepare }: Database) {
  const hold = named(prepare, (p: { userId: number }) =>
    db
      .updateTable('users')
      .set((eb) => ({ session_series: eb.ref('session_series') }))
      .where('id', '=', p.userId)
      .returning(['session_series', 'uuid']),
  );
  const beginOf = named(prepare, (p: { userId: number }) =>
    db
      .selectFrom('users')
      .select(['session_series', ...OWNER_COLUMNS])
      .where('id', '=', p.userId),
  );

  return {
    /** The account's part of a new session; `undefined` = there is no such account. */
    async beginOf(tx: Tx, userId: number): Promise<Beginning | undefined> {
      const row = await beginOf.within(tx, { userId });
      return row && { series: row.session_series, owner: toOwner(row, userId) };
    },

    /**
     * The account's series. Until the end of `tx` no session of the account begins or ends
     * elsewhere: an update that changes nothing locks the row. `undefined` = there is no such
     * account.
     */
    async hold(tx: Tx, userId: number) {
      const row = await hold.within(tx, { userId });
      return row && { series: row.session_series, publicId: row.uuid ?? userId };
    },

    /** Ends every session of the account at once; their rows may follow later. */
    async beginSeries(tx: Tx, userId: number, series: number): Promise<void> {
      await tx.db
        .updateTable('users')
        .set({ session_series: series })
        .where('id', '=', userId)
        .execute();
    },

    /** Takes a session along into a new series. @returns whether it was open */
    async keep(tx: Tx, id: string, { userId, series }: Series, into: number): Promise<boolean> {
      const row = await tx.db
        .updateTable('sessions')
        .set({ series: into })
        .where('id', '=', id)
        .where('user_id', '=', userId)
        .where('series', '=', series)
        .where('ended_at', 'is', null)
        .returning('id')
        .executeTakeFirst();
      return row !== undefined;
    },

    /**
     * Ends up to `limit` sessions of an account that are open or expired after `expiredAfter`: the
     * last access token of a session that has just expired may still be valid.
     *
     * @param which.before ends sessions of earlier series, instead of the present one
     */
    async endSome(
      tx: Tx,
      which: Series & { readonly except?: string | undefined; readonly before?: true },
      reason: EndReason,
      now: number,
      expiredAfter: number,
      limit: number,
    ): Promise<Ended[]> {
      let some = tx.db
        .selectFrom('sessions')
        .select('id')
        .where('user_id', '=', which.userId)
        .where('series', which.before ? '<' : '=', which.series)
        .where('ended_at', 'is', null)
        .where('expires_at', '>', expiredAfter)
        .limit(limit);
      if (which.except !== undefined) some = some.where('id', '!=', which.except);
      const rows = await tx.db
        .updateTable('sessions')
        .set({ ended_at: now, end_reason: reason })
        .where('id', 'in', some)
        .where('ended_at', 'is', null)
        .returning(['id', 'last_used_at'])
        .execute();
      return rows.map(toEnded);
    },

    /** Ends the listed sessions of the account that are open. */
    async endListed(
      tx: Tx,
      ids: readonly string[],
      { userId, series }: Series,
      reason: EndReason,
      now: number,
    ): Promise<Ended[]> {
      const rows = await tx.db
        .updateTable('sessions')
        .set({ ended_at: now, end_reason: reason })
        .where('id', 'in', ids)
        .where('user_id', '=', userId)
        .where('series', '=', series)
        .where('ended_at', 'is', null)
        .returning(['id', 'last_used_at'])
        .execute();
      return rows.map(toEnded);
    },

    /** Why the sessions of an earlier series have ended, if a row still says so. */
    async reasonOfLast(userId: number, series: number): Promise<EndReason | undefined> {
      const row = await db
        .selectFrom('sessions')
        .select('end_reason')
        .where('user_id', '=', userId)
        .where('series', '<', series)
        .where('end_reason', 'is not', null)
        .limit(1)
        .executeTakeFirst();
      return (row?.end_reason ?? undefined) as EndReason | undefined;
    },

    /** Deletes up to `limit` rows of an account, and returns what they were. */
    async forgetSome(tx: Tx, userId: number, limit: number): Promise<Forgotten[]> {
      const some = tx.db
        .selectFrom('sessions')
        .select('id')
        .where('user_id', '=', userId)
        .limit(limit);
      const rows = await tx.db
        .deleteFrom('sessions')
        .where('id', 'in', some)
        .returning(['id', 'last_used_at', 'ended_at', 'expires_at'])
        .execute();
      return rows.map((row) => ({
        ...toEnded(row),
        isEnded: row.ended_at !== null,
        expiresAt: row.expires_at,
      }));
    },
  };
}

export const toEnded = (row: { readonly id: string; readonly last_used_at: number }): Ended => ({
  id: row.id,
  lastUsedAt: row.last_used_at,
});
