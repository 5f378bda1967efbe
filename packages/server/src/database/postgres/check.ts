import { NUMBERED } from '../database.ts';
import { DatabaseOpenError } from '../faults.ts';
import { type Connection, run } from './connection.ts';
import { numberOf, readLastIds } from './last-ids.ts';

/**
 * Finds damage: indexes that disagree with their table, rows without their owner, dropped
 * constraints, ids that would be assigned again. Reads every table whole, so that wrong page
 * checksums are found. One finding a line; empty = sound.
 */
export async function examine(connection: Connection): Promise<string[]> {
  const ask = async (text: string): Promise<string[]> =>
    (await run(connection, text)).rows.map((row) => String(row['finding']));
  if ((await ask(MIGRATED))[0] !== 'true')
    throw new DatabaseOpenError('there is no Gatepass in it; "gatepass serve" creates one');
  const findings: string[] = [];
  for (const question of QUESTIONS) findings.push(...(await ask(question)));
  const lastIds = await readLastIds(connection);
  for (const table of NUMBERED) {
    const top = `select max(${numberOf(table)}) as top from ${table}`;
    const taken: unknown = (await run(connection, top)).rows[0]?.['top'];
    if (typeof taken === 'number' && taken > (lastIds[table] ?? 0))
      findings.push(`${table}: number ${taken} is taken and would be given again`);
  }
  return findings;
}

const MIGRATED = `select (coalesce(to_regclass('gatepass_migration'), to_regclass('kysely_migration')) is not null)::text as finding`;

const QUESTIONS = [
  `select 'index ' || c.relname || ' is not valid' as finding
     from pg_index i join pg_class c on c.oid = i.indexrelid
     join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = current_schema() and not (i.indisvalid and i.indisready)`,
  `select 'checksum failures: ' || checksum_failures as finding
     from pg_stat_database where datname = current_database() and checksum_failures > 0`,
  `select 'users.email_canonical is not unique any more' as finding
    where not exists (
      select from pg_index i
        join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
       where i.indrelid = 'users'::regclass and i.indisunique and i.indnatts = 1
         and a.attname = 'email_canonical')`,
  `select 'accounts with one address: ' || min(id) || ' and ' || max(id) as finding
     from users group by email_canonical having count(*) > 1`,
  `select 'session of account ' || user_id || ', which is not there' as finding
     from sessions s where not exists (select from users u where u.id = s.user_id)`,
  `select 'unreadable' as finding from audit_events where id is null`,
  `select 'unreadable' as finding from revocations where seq is null`,
];

/** Settings of the server under which an acknowledged write can be lost. */
export async function weaknesses(connection: Connection): Promise<string[]> {
  const { rows } = await run(
    connection,
    `select name from pg_settings where name in ('fsync', 'full_page_writes') and setting = 'off'`,
  );
  return rows.map(
    ({ name }) =>
      `the server runs with ${name}=off: a crash of its machine loses acknowledged writes`,
  );
}
