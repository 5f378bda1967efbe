/**
 * Makes a PostgreSQL database that a test is done with as good as new: creating and dropping one takes
 * four times as long, with a checkpoint each, for which all test processes wait.
 */
import type { Client } from 'pg';

/** A database that has grown by more is slower to empty than to replace. */
const GROWTH_BYTES = 4 * 2 ** 20;

/** All that a test may change beside rows: tables, rights, settings of the database. */
const STRUCTURE = `
  select md5(string_agg(line, ';' order by line)) from (
    select concat_ws(' ', relname, relkind, relowner, relacl, reloptions, attname, attnotnull, attidentity,
      atttypid, atttypmod, adbin) as line
    from pg_class c join pg_attribute a on attrelid = c.oid and attnum > 0
    left join pg_attrdef on adrelid = c.oid and adnum = attnum
    where relnamespace = 'public'::regnamespace
    union all select concat_ws(' ', conname, contype, convalidated, conkey) from pg_constraint
      where connamespace = 'public'::regnamespace
    union all select concat_ws(' ', tgname, tgenabled) from pg_trigger where not tgisinternal
    union all select concat_ws(' ', proname, prosrc) from pg_proc
      where pronamespace = 'public'::regnamespace
    union all select concat_ws(' ', nspname, nspacl) from pg_namespace where nspname !~ '^pg_'
    union all select concat_ws(' ', setrole, setconfig) from pg_db_role_setting s
      join pg_database d on d.oid = setdatabase where datname = current_database()
    union all select concat_ws(' ', datacl, datconnlimit, datallowconn) from pg_database
      where datname = current_database()
  ) as lines`;

/** @returns one query that fails where a database is not made as the template of `template` by it */
export async function createRenewal(template: Client): Promise<string> {
  const rowsOf = async (text: string) => (await template.query(text)).rows;
  const [{ md5, size }] = await rowsOf(
    `select (${STRUCTURE}) as md5, pg_database_size(current_database()) as size`,
  );
  const tables: { name: string }[] = await rowsOf(
    `select relname as name from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace`,
  );
  const fillings: string[] = [];
  for (const { name } of tables) {
    const [{ rows }] = await rowsOf(`select json_agg(t) as rows from ${name} t`);
    const text = template.escapeLiteral(JSON.stringify(rows));
    if (rows)
      fillings.push(`insert into ${name} overriding system value
        select * from json_populate_recordset(null::${name}, ${text});`);
  }
  const sequences: { name: string }[] = await rowsOf(
    `select relname as name from pg_class where relkind = 'S' and relnamespace = 'public'::regnamespace`,
  );
  for (const { name } of sequences) {
    const [{ last_value, is_called }] = await rowsOf(`select last_value, is_called from ${name}`);
    fillings.push(`select setval('${name}', ${last_value}, ${is_called});`);
  }
  return `
    begin;
    select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid();
    do $$ begin
      if (${STRUCTURE}) <> '${md5}' then raise 'its structure was changed'; end if;
      if pg_database_size(current_database()) > ${size} + ${GROWTH_BYTES} then raise 'it has grown'; end if;
    end $$;
    set local session_replication_role = replica;
    ${tables.map(({ name }) => `delete from ${name};`).join('\n')}
    ${fillings.join('\n')}
    commit`;
}
