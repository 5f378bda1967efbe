/** The only owner of the `revocations` table. */

import type { Selectable } from 'kysely';
import type { FollowedDatabase, Tx } from '../database/database.ts';
import { purgeExpired } from '../database/purge.ts';
import { named } from '../database/statement.ts';
import type { RevocationsTable } from '../database/tables/revocations.ts';
import type { NewRevocation, Revocation } from './revocation.ts';

export type RevocationStore = ReturnType<typeof createRevocationStore>;

export function createRevocationStore({ db, prepare, takeTurn, notifications }: FollowedDatabase) {
  const newest = named(prepare, () =>
    db.selectFrom('revocations').select((eb) => eb.fn.max('seq').as('seq')),
  );

  const insertOne = named(prepare, (p: ReturnType<typeof toRow>) =>
    db
      .insertInto('revocations')
      .values({
        kind: p.kind,
        subject: p.subject,
        issued_before: p.issued_before,
        series: p.series,
        kept: p.kept,
        claims_version: p.claims_version,
        expires_at: p.expires_at,
      })
      .returning('seq'),
  );

  /** An account has one row of each kind, because the newest covers the earlier ones. */
  async function removeFormer(tx: Tx, { kind, subject }: NewRevocation): Promise<void> {
    if (kind === 'session') return;
    const former = tx.db.deleteFrom('revocations').where('subject', '=', subject);
    if (kind === 'user') await former.where('kind', '=', 'user').execute();
    else if (kind === 'account') await former.where('series', '>', 0).execute();
    else if (kind === 'claims') await former.where('claims_version', '>', 0).execute();
  }

  return {
    async insert(tx: Tx, revocations: readonly NewRevocation[]): Promise<Revocation[]> {
      if (revocations.length === 0) return [];
      // Readers ask for numbers above the last they have seen, so none may appear below it later.
      await takeTurn(tx, 'revocations');
      await notifications.publish(tx, 'revocations');
      for (const revocation of revocations) await removeFormer(tx, revocation);
      const values = revocations.map(toRow);
      const [only] = values.length === 1 ? values : [];
      const rows = only
        ? [await insertOne.within(tx, only)]
        : await tx.db.insertInto('revocations').values(values).returning('seq').execute();
      return revocations.map((revocation, i) => ({
        series: 0,
        kept: '',
        claimsVersion: 0,
        ...revocation,
        seq: rows[i]?.seq ?? 0,
      }));
    },

    /** The newest sequence number; 0 when there is none. Cheap enough to read several times a second. */
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
      return rows.map(toRevocation);
    },

    /** Deletes the rows that a revocation of all tokens covers. */
    async clear(tx: Tx): Promise<void> {
      await tx.db.deleteFrom('revocations').execute();
    },

    purge: purgeExpired('revocations', 'seq'),
  };
}

// An account's row is a `session` with a series or a version of claims: older versions, and older
// readers of the feed, take the account's id for the id of a session that does not exist.
const toRow = ({
  kind,
  subject,
  issuedBefore,
  series = 0,
  kept = '',
  claimsVersion = 0,
  expiresAt,
}: NewRevocation) => ({
  kind: kind === 'account' || kind === 'claims' ? ('session' as const) : kind,
  subject,
  issued_before: issuedBefore,
  series,
  kept,
  claims_version: claimsVersion,
  expires_at: expiresAt,
});

const toRevocation = (row: Selectable<RevocationsTable>): Revocation => ({
  seq: row.seq,
  kind: row.series > 0 ? 'account' : row.claims_version > 0 ? 'claims' : row.kind,
  subject: row.subject,
  issuedBefore: row.issued_before,
  series: row.series,
  kept: row.kept,
  claimsVersion: row.claims_version,
  expiresAt: row.expires_at,
});
