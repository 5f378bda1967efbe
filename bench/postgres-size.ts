/** Fills a PostgreSQL database by SQL to measure the size of a row. */
import type { Postgres } from '../packages/server/test/support/postgres.ts';

const USERS = 200_000;
const SESSIONS_EACH = 3;
const DAY_MS = 86_400_000;
const USER_AGENT =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36';

/** Bytes of a row with its indexes, as they are after inserting in the order of arrival. */
export async function rowBytes(postgres: Postgres, database: string): Promise<string> {
  const query = (text: string) => postgres.query(text, database);
  const size = async (table: string) => {
    const [row] = await query(`select pg_total_relation_size('${table}')::float8 as bytes`);
    return Number(row?.bytes);
  };
  const grown = async (table: string, rows: number, statement: string) => {
    const before = await size(table);
    await query(statement);
    await query(`vacuum analyze ${table}`);
    return Math.round(((await size(table)) - before) / rows);
  };
  const now = Date.now();
  const account = await grown(
    'users',
    USERS,
    `insert into users (email, email_canonical, password_hash, is_active, created_at, last_login_at)
      select address, address, (select password_hash from users limit 1), 1, ${now} - i, ${now}
      from (select i, 'person' || i || '@mail' || (i % 100) || '.example' as address
        from generate_series(1, ${USERS}) as i) as people`,
  );
  const session = await grown(
    'sessions',
    USERS * SESSIONS_EACH,
    `insert into sessions (id, user_id, generation, rotated_at, late_generation, late_streak,
        created_at, expires_at, last_used_at, user_agent, address)
      select substr(md5(random()::text), 1, 22), id, 0, ${now}, 0, 0, ${now},
        ${now} + floor(random() * ${DAY_MS})::bigint, ${now}, '${USER_AGENT}', '198.51.100.7'
      from users, generate_series(1, ${SESSIONS_EACH}) where email like 'person%' order by random()`,
  );
  const event = await grown(
    'audit_events',
    USERS * SESSIONS_EACH,
    `insert into audit_events
        (at, event, user_id, session_id, actor, address, user_agent, request_id, details)
      select created_at, 'login.ok', user_id, id, 'self', address, user_agent,
        '01890a5d-ac96-774b-bcce-b302099a8057', '{}' from sessions
      where id in (select id from sessions limit ${USERS * SESSIONS_EACH})`,
  );
  return `bytes a row in PostgreSQL, with its indexes: account ${account}, session ${session}, audit event ${event}`;
}
