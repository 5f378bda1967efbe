/** Fills a database by SQL: many accounts, all with one password, and their sessions and events. */
import { DatabaseSync } from 'node:sqlite';

export type Size = {
  readonly users: number;
  readonly sessionsEach: number;
  /** Sessions on top that expired long ago, for the janitor. */
  readonly expired: number;
};

/** Bytes that each table took, its indexes included. */
export type Bytes = { readonly users: number; readonly sessions: number; readonly events: number };

const USER_AGENT =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36';
const DAY_MS = 86_400_000;

export const emailOf = (n: number): string => `person${n}@mail${n % 100}.example`;

/** @param file a migrated database with one account, whose hash all accounts get */
export function seed(file: string, { users, sessionsEach, expired }: Size): Bytes {
  const database = new DatabaseSync(file);
  const size = () =>
    Number(database.prepare('SELECT * FROM pragma_page_count').get()?.['page_count']);
  const pageBytes = Number(database.prepare('PRAGMA page_size').get()?.['page_size']);
  const now = Date.now();
  database.exec(
    'PRAGMA synchronous = OFF; PRAGMA cache_size = -1000000; PRAGMA temp_store = MEMORY',
  );
  const marks = [size()];

  database
    .prepare(`WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i <= ?)
      INSERT INTO users (id, email, email_canonical, password_hash, is_active, created_at, last_login_at)
      SELECT i, 'person' || i || '@mail' || (i % 100) || '.example',
        'person' || i || '@mail' || (i % 100) || '.example',
        (SELECT password_hash FROM users WHERE id = 1), 1, ? - i, ? FROM n`)
    .run(users, now, now);
  marks.push(size());

  // In the order of their ids, because random inserts touch the whole index.
  const insert = `INSERT INTO sessions (id, user_id, generation, rotated_at, late_generation,
      late_streak, created_at, expires_at, last_used_at, user_agent, address)
    SELECT * FROM (
      WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?)
      SELECT substr(hex(randomblob(11)), 1, 22) AS id, 2 + i % ?, 0, ?, 0, 0, ?,
        ? + abs(random()) % ?, ?, '${USER_AGENT}', '198.51.100.' || (i % 256) FROM n
    ) ORDER BY id`;
  const sessions = database.prepare(insert);
  sessions.run(users * sessionsEach, users, now, now, now + DAY_MS / 2, DAY_MS / 2, now);
  marks.push(size());

  database.exec(`INSERT INTO audit_events
      (at, event, user_id, session_id, actor, address, user_agent, request_id, details)
    SELECT created_at, 'login.ok', user_id, id, 'self', address, user_agent,
      '01890a5d-ac96-774b-bcce-b302099a8057', '{}' FROM sessions ORDER BY user_id, id`);
  marks.push(size());

  const longAgo = now - 3 * DAY_MS;
  if (expired > 0) sessions.run(expired, users, longAgo, longAgo, longAgo, DAY_MS, longAgo);
  database.exec('ANALYZE; PRAGMA wal_checkpoint(TRUNCATE)');
  database.close();
  const [empty = 0, afterUsers = 0, afterSessions = 0, afterEvents = 0] = marks;
  return {
    users: (afterUsers - empty) * pageBytes,
    sessions: (afterSessions - afterUsers) * pageBytes,
    events: (afterEvents - afterSessions) * pageBytes,
  };
}

export type SeededSession = { readonly id: string; readonly userId: number };

/** Sessions from all over the table. */
export function pickSessions(file: string, count: number): SeededSession[] {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    return pick(database, count);
  } finally {
    database.close();
  }
}

function pick(database: DatabaseSync, count: number): SeededSession[] {
  const statement = database.prepare(
    'SELECT id, user_id FROM sessions WHERE id >= ? AND expires_at > ? ORDER BY id LIMIT 1',
  );
  const found: SeededSession[] = [];
  for (let n = 0; n < count; n++) {
    const from = Math.floor((n * 0xffff) / count)
      .toString(16)
      .toUpperCase()
      .padStart(4, '0');
    const row = statement.get(from, Date.now());
    if (row) found.push({ id: String(row['id']), userId: Number(row['user_id']) });
  }
  return found;
}

/** Rows that the janitor has not deleted yet. */
export function expiredIn(file: string): number {
  const database = new DatabaseSync(file, { readOnly: true });
  const row = database
    .prepare('SELECT count(*) AS count FROM sessions WHERE expires_at < ?')
    .get(Date.now() - DAY_MS - 60_000);
  database.close();
  return Number(row?.['count']);
}
