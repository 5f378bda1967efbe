/** A part of the `users` table's owner: lists accounts in several orders, page by page. */
import { type RawBuilder, sql } from 'kysely';
import { type Place, scan } from '../database/scan.ts';
import type { Db } from '../database/tables/schema.ts';
import { nameContains } from './address-store.ts';
import type { Status } from './user.ts';

export const SORTS = ['id', '-id', 'email', '-email', 'last_login', '-last_login'] as const;
type Sort = (typeof SORTS)[number];

export type SortedPage = {
  readonly search?: string | undefined;
  readonly status?: Status | 'admin' | undefined;
  readonly sort: Sort;
  readonly after?: Place | undefined;
  readonly size: number;
};

/** `stoppedAt`: more may follow it, although the page is not full. */
export type Places = { readonly places: readonly Place[]; readonly stoppedAt?: Place };

/** Each order has an index on the same expression and the id. */
const ORDERS = {
  id: { by: sql<string | number>`id`, most: 12_000 },
  // The rows of this order are scattered over the file.
  email: { by: sql<string | number>`email_canonical`, most: 5000 },
  last_login: { by: sql<string | number>`coalesce(last_login_at, 0)`, most: 5000 },
} as const;

/** Up to this many rows, all are read and sorted. */
const FEW = 1000;

/** As literals: SQLite uses a partial index only where the condition says what the index says. */
const CONDITIONS: Readonly<Record<Status | 'admin', RawBuilder<boolean>>> = {
  active: sql<boolean>`is_active = 1`,
  disabled: sql<boolean>`is_active = 0`,
  unverified: sql<boolean>`email_verified_at is null`,
  admin: sql<boolean>`is_admin = 1`,
};
const WITH_INDEX = ['disabled', 'admin'];

export function createSortedPages(db: Db) {
  /** The ids of all accounts in this state, if they are few. */
  async function fewIn(status: Status | 'admin'): Promise<number[] | undefined> {
    const some = db.selectFrom('users').select('id').where(CONDITIONS[status]);
    const rows = await some.limit(FEW + 1).execute();
    return rows.length > FEW ? undefined : rows.map(({ id }) => id);
  }

  /** The ids in order, with their sort values. */
  return async ({ search, status, sort, after, size }: SortedPage): Promise<Places> => {
    const isDown = sort.startsWith('-');
    const name = sort.replace('-', '') as keyof typeof ORDERS;
    const { by, most } = ORDERS[name];
    const direction = isDown ? 'desc' : 'asc';
    const compare = (place: Place, operator: '<' | '>' | '<=' | '>=') =>
      name === 'id'
        ? sql<boolean>`id ${sql.raw(operator)} ${place.id}`
        : // The value stands here as well: SQLite seeks in an expression's index by a value, not by a row of values.
          sql<boolean>`${by} ${sql.raw(`${operator[0]}=`)} ${place.value} and (${by}, id) ${sql.raw(operator)} (${place.value}, ${place.id})`;
    const behind = (place: Place | undefined) => {
      const page = db
        .selectFrom('users')
        .select(['id', by.as('value')])
        .orderBy(by, direction)
        .orderBy('id', direction);
      return place ? page.where(compare(place, isDown ? '<' : '>')) : page;
    };
    const wantedIn = (page: ReturnType<typeof behind>) => {
      const inState = status === undefined ? page : page.where(CONDITIONS[status]);
      return search === undefined ? inState : inState.where(nameContains(search));
    };

    if (search === undefined && status === undefined)
      return { places: await behind(after).limit(size).execute() };
    const few = status && WITH_INDEX.includes(status) ? await fewIn(status) : undefined;
    if (few?.length === 0) return { places: [] };
    if (few)
      return { places: await wantedIn(behind(after)).where('id', 'in', few).limit(size).execute() };
    const { rows, stoppedAt } = await scan<Place>({
      ...{ size, most, after },
      edge: (place, rows) =>
        behind(place)
          .offset(rows - 1)
          .limit(1)
          .executeTakeFirst(),
      wanted(place, until, limit) {
        const page = wantedIn(behind(place)).limit(limit);
        return (until ? page.where(compare(until, isDown ? '>=' : '<=')) : page).execute();
      },
    });
    return { places: rows, ...(stoppedAt && { stoppedAt }) };
  };
}
