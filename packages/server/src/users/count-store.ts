/** A part of the `users` table's owner: counts accounts by status, in short steps. */
import { sql } from 'kysely';
import type { Db } from '../database/tables/schema.ts';

/** Rows per step: some 2 ms. */
const ROWS = 5000;

export type AccountCounts = {
  readonly total: number;
  readonly active: number;
  readonly disabled: number;
  readonly unverified: number;
  readonly admin: number;
};

const NONE: AccountCounts = { total: 0, active: 0, disabled: 0, unverified: 0, admin: 0 };

export const createAccountCounts = (db: Db) =>
  /** Running sums; the last is the sum of all accounts. */
  async function* counts(): AsyncGenerator<AccountCounts> {
    let sum = NONE;
    for (let after = 0; ; ) {
      const some = db
        .selectFrom('users')
        .select(['id', 'is_active', 'is_admin', 'email_verified_at'])
        .where('id', '>', after)
        .orderBy('id')
        .limit(ROWS)
        .as('some');
      const row = await db
        .selectFrom(some)
        .select([
          sql<number>`count(*)`.as('total'),
          sql<number>`coalesce(sum(is_active), 0)`.as('active'),
          sql<number>`coalesce(sum(is_admin), 0)`.as('admin'),
          sql<number>`count(*) - count(email_verified_at)`.as('unverified'),
          sql<number>`coalesce(max(id), 0)`.as('last'),
        ])
        .executeTakeFirstOrThrow();
      const { total, active, admin, unverified } = row;
      sum = {
        total: sum.total + total,
        active: sum.active + active,
        disabled: sum.disabled + total - active,
        unverified: sum.unverified + unverified,
        admin: sum.admin + admin,
      };
      yield sum;
      if (total < ROWS) return;
      after = row.last;
    }
  };
