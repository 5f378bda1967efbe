/** Finds the table or model of the users. Pure. */
import { type Columns, SourceError } from './source.ts';

/** A table of a database, or a model of a dump. */
export type Table = {
  /** As `--table` takes it: with its schema if that is needed to find it. */
  readonly name: string;
  /** Always with its schema. */
  readonly fullName?: string | undefined;
  readonly columns: readonly string[];
  readonly primaryKey?: string | undefined;
};

type Words = { readonly one: 'table' | 'model'; readonly place: string };

/**
 * The named table, as `TABLE`, `SCHEMA.TABLE` or `APP.Model`; else the only one that can hold the
 * users. If there are two, the operator must choose, even if one is Django's own: a project that has
 * changed AUTH_USER_MODEL still has the old `auth_user`, with other people under the same ids.
 *
 * @throws {SourceError} when none or several fit, naming what is there
 */
export function chooseUsers<T extends Table>(
  tables: readonly T[],
  { table: wanted, email }: Columns,
  { one, place }: Words,
): T {
  const found = wanted === undefined ? likely(tables, email) : named(tables, wanted);
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  const there = `${capital(one)}s there: ${list(tables.map(({ name }) => name))}`;
  if (wanted !== undefined && only === undefined)
    throw new SourceError(`${place}: there is no ${one} ${wanted}. ${there}`);
  throw new SourceError(
    only === undefined
      ? `No ${one} has the columns password and ${email} in ${place}. Name it with --table, its column of e-mail addresses with --email-column. ${there}`
      : `Several ${one}s of ${place} may hold the users: ${found.map(({ name }) => name).join(', ')}. Name one with --table (AUTH_USER_MODEL in Django's settings says which).`,
  );
}

// `last_login` identifies a user model of Django, whatever its address column is called.
const likely = <T extends Table>(tables: readonly T[], email: string): T[] => {
  const has = (table: T, name: string) => columnOf(table, name) !== undefined;
  return tables.filter(
    (table) => has(table, 'password') && (has(table, email) || has(table, 'last_login')),
  );
};

function named<T extends Table>(tables: readonly T[], wanted: string): T[] {
  const spellings: ((name: string) => string)[] = [
    (name) => name,
    (name) => name.toLowerCase(),
    // The default name of a model's table: app_model.
    (name) => name.toLowerCase().replace('.', '_'),
  ];
  for (const spell of spellings) {
    const found = tables.filter(({ name, fullName = name }) =>
      [name, fullName].some((known) => spell(known) === spell(wanted)),
    );
    if (found.length > 0) return found;
  }
  return [];
}

/** The column of this name, in any case. */
export const columnOf = ({ columns }: Table, name: string): string | undefined =>
  columns.find((column) => column === name) ??
  columns.find((column) => column.toLowerCase() === name.toLowerCase());

const MANY = 40;

/** Names for a message: sorted, and only some of many. */
export function list(names: readonly string[]): string {
  const all = [...names].sort();
  const more = all.length > MANY ? ` and ${all.length - MANY} more` : '';
  return `${all.slice(0, MANY).join(', ') || 'none'}${more}`;
}

const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);
