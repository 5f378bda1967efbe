/** The part of the `users` table's owner that lists accounts in several orders, page by page. */
import { sql } from 'kysely';
import type { Db } from '../database/tables/schema.ts';
import { nameContains } from './address-store.ts';
import type { Status } from './user.ts';

export const SORTS = ['id', '-id', 'email', '-email', 'last_login', '-last_login'] as const;
export type Sort = (typeof SORTS)[number];

/** The row that a page ends with: what it is sorted by, and its id. */
export type Place = { readonly value: string | number; readonly id: number };

export type SortedPage = {
  readonly search?: string | undefined;
  readonly status?: Status | 'admin' | undefined;
  readonly sort: Sort;
  readonly after?: Place | undefined;
  readonly size: number;
};

/** Each has an index of the same expression, and the id behind it. */
const ORDERS = {
  id: sql<string | number>`id`,
  email: sql<string | number>`email_canonical`,
  last_login: sql<string | number>`coalesce(last_login_at, 0)`,
};

export const createSortedPages =
  (db: Db) =>
  /** Ids alone, in order, with what they are sorted by. */
  async ({ search, status, sort, after, size }: SortedPage): Promise<Place[]> => {
    const isDown = sort.startsWith('-');
    const order = ORDERS[sort.replace('-', '') as keyof typeof ORDERS];
    const direction = isDown ? 'desc' : 'asc';
    let page = db
      .selectFrom('users')
      .select(['id', order.as('value')])
      .orderBy(order, direction)
      .orderBy('id', direction)
      .limit(size);
    if (search !== undefined) page = page.where(nameContains(search));
    if (status === 'unverified') page = page.where('email_verified_at', 'is', null);
    else if (status === 'admin') page = page.where('is_admin', '=', 1);
    else if (status !== undefined) page = page.where('is_active', '=', status === 'active' ? 1 : 0);
    if (after) {
      const place = sql`(${after.value}, ${after.id})`;
      page = page.where(
        isDown ? sql<boolean>`(${order}, id) < ${place}` : sql<boolean>`(${order}, id) > ${place}`,
      );
    }
    return page.execute();
  };
