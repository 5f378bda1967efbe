import type { Candidate } from './candidate.ts';
import { type Columns, type Contents, claimsIn, type Logout, SourceError } from './source.ts';

export type Row = Readonly<Record<string, unknown>>;

/** A database that is not ours, to be read only. */
export type ForeignDatabase = {
  /** The columns of each table, by name. */
  tables(): Promise<ReadonlyMap<string, readonly string[]>>;
  /** All rows in the order of `columns[0]`; the names come from `tables`. */
  rows(table: string, columns: readonly string[]): Promise<readonly Row[]>;
  /** The texts of `BLACKLISTED_TOKENS`. @param now epoch milliseconds */
  blacklisted(now: number): Promise<readonly unknown[]>;
  close(): Promise<void>;
};

const OUTSTANDING = 'token_blacklist_outstandingtoken';
const BLACKLISTED = 'token_blacklist_blacklistedtoken';
/**
 * Tokens on the list that live at `$1`. The join is the database's: a list that nobody has flushed
 * for years has millions that have expired.
 */
export const BLACKLISTED_TOKENS = `select o.token as token from ${OUTSTANDING} o
  join ${BLACKLISTED} b on b.token_id = o.id where o.expires_at > $1`;
const OPTIONAL = ['is_active', 'date_joined', 'last_login'] as const;

/**
 * The users of a Django database and, where SimpleJWT's blacklist app is installed, the tokens that
 * are on its list.
 *
 * @param now epoch milliseconds; what has expired is not asked for
 * @throws {SourceError} naming the tables and columns that are there
 */
export async function readDjango(
  database: ForeignDatabase,
  { table: wanted, email }: Columns,
  now: number,
): Promise<Contents> {
  const tables = await database.tables();
  const table = wanted ?? userTableOf(tables, email);
  const columns = tables.get(table);
  if (!columns)
    throw new SourceError(`There is no table ${table}. ${list('Tables', tables.keys())}`);
  const missing = ['id', 'password', email].filter((name) => !columns.includes(name));
  if (missing.length > 0)
    throw new SourceError(
      `Table ${table} has no column ${missing.join(', ')}. ${list('Columns', columns)}. --email-column names the one with the e-mail addresses.`,
    );
  const optional = OPTIONAL.filter((name) => columns.includes(name));
  const rows = await database.rows(table, ['id', email, 'password', ...optional]);
  return {
    candidates: rows.map((row) => candidateOf(row, email)),
    logouts: hasList(tables) ? (await database.blacklisted(now)).flatMap(logoutOf) : [],
  };
}

/** A user as Django's tables and dumps have it. */
export const candidateOf = (row: Row, email: string): Candidate => ({
  place: `id ${row['id']}`,
  id: row['id'],
  email: row[email],
  password: row['password'],
  isActive: row['is_active'],
  createdAt: row['date_joined'],
  lastLoginAt: row['last_login'],
});

/** The one table that looks like users; `auth_user` wins, as Django's own. */
function userTableOf(tables: ReadonlyMap<string, readonly string[]>, email: string): string {
  if (tables.has('auth_user')) return 'auth_user';
  const likely = [...tables]
    .filter(([, columns]) => ['id', 'password', email].every((name) => columns.includes(name)))
    .map(([name]) => name);
  const [only] = likely;
  if (only !== undefined && likely.length === 1) return only;
  throw new SourceError(
    likely.length === 0
      ? `No table has the columns id, password and ${email}. Name it with --table, its e-mail column with --email-column. ${list('Tables', tables.keys())}`
      : `Several tables may hold the users: ${likely.join(', ')}. Name one with --table.`,
  );
}

const hasList = (tables: ReadonlyMap<string, readonly string[]>) =>
  tables.has(OUTSTANDING) && tables.has(BLACKLISTED);

/** The logout that a blacklisted token's text stands for; none when it is no token. */
export function logoutOf(token: unknown): Logout[] {
  const claims = claimsIn(token);
  return claims ? [{ claims }] : [];
}

const MANY = 40;
function list(what: string, names: Iterable<string>): string {
  const all = [...names].sort();
  const more = all.length > MANY ? ` and ${all.length - MANY} more` : '';
  return `${what} there: ${all.slice(0, MANY).join(', ') || 'none'}${more}`;
}
