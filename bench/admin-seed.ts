/** Fills a migrated database with one account by SQL: many accounts, their logins in the audit log, one administrator. */
import { DatabaseSync } from 'node:sqlite';

type Say = (line: string) => void;

const PORTION = 100_000;
const NAMES = [
  'anna',
  'boris',
  'clara',
  'dmitri',
  'elena',
  'frank',
  'greta',
  'hans',
  'ivan',
  'person',
];
/** Every tenth name is `person`, which only a search for digits finds. */
const nameOf = `case i % 10 ${NAMES.map((name, n) => `when ${n} then '${name}'`).join(' ')} end`;
const address = `${nameOf} || i || '@mail' || (i % 100) || '.example'`;
const HOUR_MS = 3_600_000;

/** Accounts, a fifth of them not verified, one in 500 disabled; last logins and events all over 30 days. */
const accounts = (numbers: string, now: number) => `
  insert into users (email, email_canonical, password_hash, is_active, created_at, last_login_at, email_verified_at)
  select ${address}, ${address}, (select password_hash from users where id = 1),
    case i % 500 when 7 then 0 else 1 end, ${now} - i, ${now} - (i * 7919 % 720) * ${HOUR_MS} - i,
    case i % 5 when 0 then null else ${now} end from ${numbers}`;

const events = (numbers: string, now: number) => `
  insert into audit_events (at, event, user_id, session_id, actor, address, user_agent, request_id, details)
  select ${now - 720 * HOUR_MS} + i, case i % 10 when 3 then 'login.fail' else 'login.ok' end, i, null, 'self',
    '198.51.100.7', 'Mozilla/5.0', '01890a5d-ac96-774b-bcce-b302099a8057', '{}' from ${numbers}`;

const administrator = 'update users set is_admin = 1 where id = 1';

async function inPortions(users: number, say: Say, work: (from: number, to: number) => unknown) {
  for (let from = 2; from <= users; from += PORTION) {
    const to = Math.min(users, from + PORTION - 1);
    await work(from, to);
    say(`seeded ${to.toLocaleString('en')} of ${users.toLocaleString('en')} accounts`);
  }
}

export async function seedSqlite(file: string, users: number, say: Say): Promise<void> {
  const database = new DatabaseSync(file);
  const now = Date.now();
  database.exec('PRAGMA synchronous = OFF; PRAGMA cache_size = -1000000');
  await inPortions(users, say, (from, to) => {
    const numbers = `(with recursive n(i) as (select ${from} union all select i + 1 from n where i < ${to}) select i from n)`;
    database.exec(`begin; ${accounts(numbers, now)}; ${events(numbers, now)}; commit`);
  });
  database.exec(`${administrator}; PRAGMA wal_checkpoint(TRUNCATE)`);
  database.close();
}

export async function seedPostgres(
  query: (text: string) => Promise<unknown>,
  users: number,
  say: Say,
): Promise<void> {
  const now = Date.now();
  await inPortions(users, say, async (from, to) => {
    const numbers = `(select i::bigint from generate_series(${from}, ${to}) as i) as n`;
    await query(accounts(numbers, now));
    await query(events(numbers, now));
  });
  await query(administrator);
  await query('vacuum analyze');
}
