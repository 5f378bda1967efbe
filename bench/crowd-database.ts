/** Writes far more sessions and revocations than logins can make since there are limits. */
import { sql } from 'kysely';
import type { Database } from '../packages/server/src/database/database.ts';
import { openDatabase } from '../packages/server/src/database/open.ts';

const AT_ONCE = 50_000;
const DAY_MS = 86_400_000;

/** Rows from 0 on, of both engines' SQL. */
const numbers = (from: number, to: number) =>
  `with recursive n(i) as (select ${from} union all select i + 1 from n where i + 1 < ${to})`;

export async function openCrowd(url: string) {
  const database = openDatabase(url);
  let runs = 0;

  async function insert(count: number, statement: (from: number, to: number) => string) {
    for (let from = 0; from < count; from += AT_ONCE) {
      const text = statement(from, Math.min(count, from + AT_ONCE));
      await database.transaction((tx) => sql.raw(text).execute(tx.db));
    }
  }

  return {
    /** Adds open sessions of the account's series, all used just now. */
    async addSessions(userId: number, count: number): Promise<void> {
      const now = Date.now();
      const run = `${now.toString(36)}${runs++}`;
      await insert(
        count,
        (from, to) => `
        insert into sessions (id, user_id, generation, rotated_at, late_generation, late_streak,
          created_at, expires_at, last_used_at, user_agent, address, series)
        ${numbers(from, to)}
        select 'c${run}-' || i, ${userId}, 0, ${now}, 0, 0, ${now}, ${now + DAY_MS}, ${now} - i,
          'crowd', '192.0.2.1', (select session_series from users where id = ${userId}) from n`,
      );
    },

    async addRevocations(count: number): Promise<void> {
      const expires = Date.now() + 30 * 60_000;
      await insert(
        count,
        (from, to) => `
        insert into revocations (kind, subject, issued_before, expires_at)
        ${numbers(from, to)} select 'session', 'a-session-of-22-chars-' || i, 0, ${expires} from n`,
      );
    },

    openSessions: (userId: number) => countOpen(database, userId),
    /** Sessions that are over but whose rows are not written yet. */
    async unwritten(userId: number): Promise<number> {
      const row = await database.db
        .selectFrom('sessions')
        .innerJoin('users', 'users.id', 'sessions.user_id')
        .select((eb) => eb.fn.countAll<number>().as('count'))
        .where('user_id', '=', userId)
        .where('ended_at', 'is', null)
        .whereRef('sessions.series', '<', 'users.session_series')
        .executeTakeFirstOrThrow();
      return Number(row.count);
    },
    close: () => database.close(),
  };
}

export type Crowd = Awaited<ReturnType<typeof openCrowd>>;

async function countOpen({ db }: Database, userId: number): Promise<number> {
  const row = await db
    .selectFrom('sessions')
    .innerJoin('users', (join) =>
      join
        .onRef('users.id', '=', 'sessions.user_id')
        .onRef('users.session_series', '=', 'sessions.series'),
    )
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('user_id', '=', userId)
    .where('ended_at', 'is', null)
    .executeTakeFirstOrThrow();
  return Number(row.count);
}
