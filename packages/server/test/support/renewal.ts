/**
 * Makes a PostgreSQL database that a test is done with as good as new: creating and dropping one takes
 * ten times as long, with a checkpoint each, for which all test processes wait.
 */
import type { Client } from 'pg';

/** Larger tables, full of deleted rows, are slower to empty than to replace. */
const MOST_BYTES = 2 * 2 ** 20;

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

/** Statements that a session of a used copy begins with, so that it can `RENEW`. */
export async function createRenewal(template: Client): Promise<string> {
  const rowsOf = async (text: string) => (await template.query(text)).rows;
  const namesOf = async (kind: 'r' | 'S'): Promise<string[]> => {
    const rows = await rowsOf(
      `select relname from pg_class where relkind = '${kind}' and relnamespace = 'public'::regnamespace`,
    );
    return rows.map(({ relname }) => relname);
  };
  const [{ md5 }] = await rowsOf(STRUCTURE);
  const tables = await namesOf('r');
  const emptyings: string[] = [];
  for (const name of tables) {
    const [{ rows }] = await rowsOf(`select json_agg(t)::text as rows from ${name} t`);
    // A table that never had rows has no pages.
    if (rows === null)
      emptyings.push(`if pg_relation_size('${name}') > 0 then delete from ${name}; end if;`);
    else {
      const text = template.escapeLiteral(rows);
      emptyings.push(`if (select json_agg(t)::text from ${name} t) is distinct from ${text} then
        delete from ${name};
        insert into ${name} overriding system value
          select * from json_populate_recordset(null::${name}, ${text});
      end if;`);
    }
  }
  for (const name of await namesOf('S')) {
    const [{ last_value, is_called }] = await rowsOf(`select last_value, is_called from ${name}`);
    emptyings.push(`perform setval('${name}', ${last_value}, ${is_called}) from ${name}
      where (last_value, is_called) <> (${last_value}, ${is_called});`);
  }
  return `
    set session_replication_role = replica;
    create function pg_temp.renew() returns void language plpgsql as $renew$ begin
      perform pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid();
      if (${STRUCTURE}) <> '${md5}' then raise 'its structure was changed'; end if;
      if ${tables.map((name) => `pg_relation_size('${name}')`).join(' + ')} > ${MOST_BYTES} then
        raise 'it has grown';
      end if;
      ${emptyings.join('\n')}
    end $renew$`;
}

/**
 * Fails where a database is not made as the template by it. For a session that is used again and
 * again: a new one costs more than the rest.
 */
export const RENEW = 'select pg_temp.renew()';
