/** The only owner of the `revocations` table. */
import type { Tx } from '../database/database.ts';
import type { Database } from '../database/open.ts';
import { named } from '../database/statement.ts';

export type Revocation = {
  /** Grows with every revocation. */
  readonly seq: number;
  readonly kind: 'session' | 'user' | 'all';
  /** A session's id, a user's id in decimal, or nothing. */
  readonly subject: string;
  /** Epoch seconds. For a user: sessionless tokens issued before are revoked; for all: any token. */
  readonly issuedBefore: number;
  /** Epoch milliseconds; no token it concerns lives longer. */
  readonly expiresAt: number;
};

export type RevocationStore = ReturnType<typeof createRevocationStore>;

export function createRevocationStore({ db, prepare, takeTurn, notifications }: Database) {
  const newest = named(prepare, () =>
    db.selectFrom('revocations').select((eb) => eb.fn.max('seq').as('seq')),
  );
  return {
    async insert(tx: Tx, revocations: readonly Omit<Revocation, 'seq'>[]): Promise<Revocation[]> {
      if (revocations.length === 0) return [];
      // Whoever has seen a number asks for those above it: none may appear below later.
      await takeTurn(tx, 'revocations');
      await notifications.publish(tx, 'revocations');
      const rows = await tx.db
        .insertInto('revocations')
        .values(
          revocations.map(({ kind, subject, issuedBefore, expiresAt }) => ({
            kind,
            subject,
            issued_before: issuedBefore,
            expires_at: expiresAt,
          })),
        )
        .returning('seq')
        .execute();
      return revocations.map((revocation, i) => ({ ...revocation, seq: rows[i]?.seq ?? 0 }));
    },

    /** The newest sequence number; 0 when there is none. Cheap enough to ask several times a second. */
    async newest(): Promise<number> {
      return (await newest.read({}))?.seq ?? 0;
    },

    /** Calls back when another process may have written, until the returned function is called. */
    onNews: (listener: () => void): (() => void) =>
      notifications.subscribe('revocations', listener),

    /** Revocations above `seq` that still matter, oldest first. */
    async after(seq: number, now: number, limit: number): Promise<Revocation[]> {
      const rows = await db
        .selectFrom('revocations')
        .selectAll()
        .where('seq', '>', seq)
        .where('expires_at', '>', now)
        .orderBy('seq')
        .limit(limit)
        .execute();
      return rows.map((row) => ({
        seq: row.seq,
        kind: row.kind,
        subject: row.subject,
        issuedBefore: row.issued_before,
        expiresAt: row.expires_at,
      }));
    },

    /** What a revocation of everything makes superfluous. */
    async clear(tx: Tx): Promise<void> {
      await tx.db.deleteFrom('revocations').execute();
    },

    /** Deletes up to `limit` revocations that expired before `before`; returns how many. */
    async purge(tx: Tx, before: number, limit: number): Promise<number> {
      const expired = tx.db
        .selectFrom('revocations')
        .select('seq')
        .where('expires_at', '<', before)
        .orderBy('expires_at')
        .limit(limit);
      const result = await tx.db
        .deleteFrom('revocations')
        .where('seq', 'in', expired)
        .executeTakeFirst();
      return Number(result.numDeletedRows);
    },
  };
}
