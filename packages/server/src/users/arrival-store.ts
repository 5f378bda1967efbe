/** A part of the `users` table's owner: importing accounts. */
import type { Tx } from '../database/database.ts';
import type { Db } from '../database/tables/schema.ts';
import type { Arrival } from './user.ts';

/** The unique values of an existing account. */
export type Present = {
  readonly id: number;
  readonly uuid: string | undefined;
  readonly email: string;
  readonly username: string | undefined;
};

// `in ()` is not valid SQL.
const orNone = <T>(values: readonly T[], none: T): readonly T[] =>
  values.length > 0 ? values : [none];

export const createArrivalStatements = (db: Db) => ({
  /** Existing accounts with an id, an address or a username of these. */
  async findAny(arrivals: readonly Arrival[]): Promise<Present[]> {
    const ids = arrivals.flatMap(({ id }) => id ?? []);
    const uuids = arrivals.flatMap(({ uuid }) => uuid ?? []);
    const emails = arrivals.map(({ email }) => email.canonical);
    const usernames = arrivals.flatMap(({ username }) => username?.canonical ?? []);
    const rows = await db
      .selectFrom('users')
      .select(['id', 'uuid', 'email_canonical', 'username_canonical'])
      .where((is) =>
        is.or([
          is('id', 'in', orNone(ids, 0)),
          is('email_canonical', 'in', orNone(emails, '')),
          ...(uuids.length > 0 ? [is('uuid', 'in', uuids)] : []),
          ...(usernames.length > 0 ? [is('username_canonical', 'in', usernames)] : []),
        ]),
      )
      .execute();
    return rows.map((row) => ({
      id: row.id,
      uuid: row.uuid ?? undefined,
      email: row.email_canonical,
      username: row.username_canonical ?? undefined,
    }));
  },

  /** The ids of accounts, by UUID. */
  async idsOf(tx: Tx, uuids: readonly string[]): Promise<Map<string, number>> {
    const rows = await tx.db
      .selectFrom('users')
      .select(['id', 'uuid'])
      .where('uuid', 'in', orNone(uuids, ''))
      .execute();
    return new Map(rows.map(({ id, uuid }) => [uuid ?? '', id]));
  },

  /** Those of a range of ids that had their ids already where they were imported from. */
  async knownElsewhere(tx: Tx, first: number, last: number): Promise<number[]> {
    const rows = await tx.db
      .selectFrom('users')
      .select('id')
      .where('id', '>=', first)
      .where('id', '<=', last)
      .where('from_elsewhere', '=', 1)
      .execute();
    return rows.map(({ id }) => id);
  },

  /** How many had their ids already, but not as primary keys. */
  async countOtherKeys(tx: Tx): Promise<number> {
    const { count } = await tx.db
      .selectFrom('users')
      .select(({ fn }) => fn.countAll().as('count'))
      .where('from_elsewhere', '=', 2)
      .executeTakeFirstOrThrow();
    return Number(count);
  },

  /**
   * Inserts accounts with their ids; either all of them have one, or none does.
   *
   * @returns how many were inserted; accounts whose id, address or username is taken are not
   */
  async insertMany(tx: Tx, arrivals: readonly Arrival[]): Promise<number> {
    // Columns that none of these rows has are left out.
    const [hasUuids, hasNames, hasClaims] = [
      arrivals.some(({ uuid }) => uuid !== undefined),
      arrivals.some(({ username }) => username !== undefined),
      arrivals.some(({ claims }) => claims !== '{}'),
    ];
    const rows = arrivals.map((arrival) => ({
      ...(arrival.id !== undefined && { id: arrival.id }),
      email: arrival.email.typed,
      email_canonical: arrival.email.canonical,
      password_hash: arrival.passwordHash ?? null,
      is_active: arrival.isActive ? 1 : 0,
      created_at: arrival.createdAt,
      last_login_at: arrival.lastLoginAt ?? null,
      from_elsewhere: arrival.isKnownThere ? (arrival.isKeyThere ? 1 : 2) : 0,
      ...(hasUuids && { uuid: arrival.uuid ?? null }),
      ...(hasNames && {
        username: arrival.username?.typed ?? null,
        username_canonical: arrival.username?.canonical ?? null,
      }),
      ...(hasClaims && { claims: arrival.claims }),
    }));
    const inserted = await tx.db
      .insertInto('users')
      .values(rows)
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    return Number(inserted.numInsertedOrUpdatedRows ?? 0);
  },
});
