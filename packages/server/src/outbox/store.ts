/** The only owner of the `outbox` table. */
import type { Selectable } from 'kysely';
import type { Database, Tx } from '../database/database.ts';
import type { OutboxTable } from '../database/tables/outbox.ts';
import type { Language } from '../language.ts';

/** A mail as its cause requested it. Its text is made when it is sent. */
export type NewMail = {
  readonly template: string;
  /** As typed by its owner, or in canonical form if the account is looked up on sending. */
  readonly recipient: string;
  readonly language: Language;
  /** The values that the template needs; no token and no password. */
  readonly params: Readonly<Record<string, string | number>>;
  readonly userId?: number | undefined;
  readonly tokenId?: number | undefined;
  /** Epoch milliseconds after which the mail is of no use. */
  readonly expiresAt: number;
};

export type QueuedMail = NewMail & {
  readonly id: number;
  readonly createdAt: number;
  readonly dueAt: number;
  readonly attempts: number;
  readonly lastError: string | undefined;
  readonly failedAt: number | undefined;
};

const NEVER = Number.MAX_SAFE_INTEGER;

export type OutboxStore = ReturnType<typeof createOutboxStore>;

export function createOutboxStore({ db }: Database) {
  return {
    async insert(tx: Tx, mail: NewMail, now: number): Promise<void> {
      await tx.db
        .insertInto('outbox')
        .values({
          template: mail.template,
          recipient: mail.recipient,
          language: mail.language,
          params: JSON.stringify(mail.params),
          user_id: mail.userId ?? null,
          token_id: mail.tokenId ?? null,
          created_at: now,
          expires_at: mail.expiresAt,
          due_at: now,
          attempts: 0,
          last_error: null,
          failed_at: null,
        })
        .execute();
    },

    /** Whether a mail is due. */
    async hasDue(now: number): Promise<boolean> {
      const row = await db
        .selectFrom('outbox')
        .select('id')
        .where('due_at', '<=', now)
        .limit(1)
        .executeTakeFirst();
      return row !== undefined;
    },

    /** Leases up to `limit` due mails: no other process gets them before `leasedUntil`. */
    async lease(tx: Tx, now: number, leasedUntil: number, limit: number): Promise<QueuedMail[]> {
      const due = tx.db
        .selectFrom('outbox')
        .select('id')
        .where('failed_at', 'is', null)
        .where('due_at', '<=', now)
        .orderBy('due_at')
        .orderBy('id')
        .limit(limit);
      const rows = await tx.db
        .updateTable('outbox')
        .set((eb) => ({ due_at: leasedUntil, attempts: eb('attempts', '+', 1) }))
        .where('id', 'in', due)
        // Repeated, because another process may have leased the row since the sub-select saw it.
        .where('due_at', '<=', now)
        .returningAll()
        .execute();
      return rows.map(toMail);
    },

    /** Keeps leased mails from other processes for longer. */
    async extend(tx: Tx, ids: readonly number[], leasedUntil: number): Promise<void> {
      if (ids.length === 0) return;
      await tx.db
        .updateTable('outbox')
        .set({ due_at: leasedUntil })
        .where('id', 'in', ids)
        .execute();
    },

    /** Gives back leased mails that were not tried. */
    async release(tx: Tx, ids: readonly number[], now: number): Promise<void> {
      await tx.db
        .updateTable('outbox')
        .set((eb) => ({ due_at: now, attempts: eb('attempts', '-', 1) }))
        .where('id', 'in', ids)
        .execute();
    },

    /**
     * Stores the recipient, the account and the token that were found for a mail.
     *
     * @returns `false` when another process has stored them meanwhile
     */
    async resolve(
      tx: Tx,
      mail: Pick<QueuedMail, 'id' | 'tokenId'>,
      to: { readonly recipient: string; readonly userId: number; readonly tokenId: number },
    ): Promise<boolean> {
      const row = await tx.db
        .updateTable('outbox')
        .set({ recipient: to.recipient, user_id: to.userId, token_id: to.tokenId })
        .where('id', '=', mail.id)
        .where('token_id', mail.tokenId === undefined ? 'is' : '=', mail.tokenId ?? null)
        .returning('id')
        .executeTakeFirst();
      return row !== undefined;
    },

    /** Deletes mails that were sent or that no account wants. */
    async remove(tx: Tx, ids: readonly number[]): Promise<void> {
      if (ids.length > 0) await tx.db.deleteFrom('outbox').where('id', 'in', ids).execute();
    },

    async postpone(tx: Tx, id: number, dueAt: number, error: string): Promise<void> {
      await tx.db
        .updateTable('outbox')
        .set({ due_at: dueAt, last_error: error })
        .where('id', '=', id)
        .execute();
    },

    /** Gives a mail up: it is never due again, unless the operator retries it. */
    async fail(tx: Tx, id: number, now: number, error: string): Promise<void> {
      await tx.db
        .updateTable('outbox')
        .set({ failed_at: now, due_at: NEVER, last_error: error })
        .where('id', '=', id)
        .execute();
    },

    /** Makes waiting mails due at once, and given-up ones that have not expired. @returns how many */
    async retry(tx: Tx, now: number, id?: number): Promise<number> {
      let query = tx.db
        .updateTable('outbox')
        .set({ due_at: now, failed_at: null })
        .where('expires_at', '>', now);
      if (id !== undefined) query = query.where('id', '=', id);
      return Number((await query.executeTakeFirst()).numUpdatedRows);
    },

    async page(after: number, limit: number): Promise<QueuedMail[]> {
      const rows = await db
        .selectFrom('outbox')
        .selectAll()
        .where('id', '>', after)
        .orderBy('id')
        .limit(limit)
        .execute();
      return rows.map(toMail);
    },

    /** Deletes the mails whose row names the account. */
    async forget(tx: Tx, userId: number): Promise<void> {
      await tx.db.deleteFrom('outbox').where('user_id', '=', userId).execute();
    },

    async clear(tx: Tx): Promise<void> {
      await tx.db.deleteFrom('outbox').execute();
    },

    /** For metrics: how many mails wait, how many were given up, and since when the oldest waits. */
    async state() {
      const row = await db
        .selectFrom('outbox')
        .select((eb) => [
          eb.fn.countAll<number>().filterWhere('failed_at', 'is', null).as('pending'),
          eb.fn.countAll<number>().filterWhere('failed_at', 'is not', null).as('failed'),
          eb.fn.min('created_at').filterWhere('failed_at', 'is', null).as('oldest'),
        ])
        .executeTakeFirstOrThrow();
      const { pending, failed, oldest } = row;
      return { pending, failed, oldest: oldest ?? undefined };
    },

    /** Deletes up to `limit` mails that were given up before `before`; returns how many. */
    async purge(tx: Tx, before: number, limit: number): Promise<number> {
      const old = tx.db
        .selectFrom('outbox')
        .select('id')
        .where('failed_at', '<', before)
        .orderBy('id')
        .limit(limit);
      const result = await tx.db.deleteFrom('outbox').where('id', 'in', old).executeTakeFirst();
      return Number(result.numDeletedRows);
    },
  };
}

const toMail = (row: Selectable<OutboxTable>): QueuedMail => ({
  id: row.id,
  template: row.template,
  recipient: row.recipient,
  language: row.language === 'ru' ? 'ru' : 'en',
  params: JSON.parse(row.params),
  userId: row.user_id ?? undefined,
  tokenId: row.token_id ?? undefined,
  createdAt: row.created_at,
  expiresAt: row.expires_at,
  dueAt: row.due_at,
  attempts: row.attempts,
  lastError: row.last_error ?? undefined,
  failedAt: row.failed_at ?? undefined,
});
