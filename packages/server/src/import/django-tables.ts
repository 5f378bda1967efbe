import type { Candidate } from './candidate.ts';
import { type ClaimsOver, claimsOver, requiredColumn } from './django-claims.ts';
import { factorsOver } from './django-otp.ts';
import type { ForeignDatabase, ForeignTable, Row } from './foreign-database.ts';
import { idInToken } from './given-ids.ts';
import { type Columns, type Contents, claimsIn, type Logout, SourceError } from './source.ts';
import { chooseUsers, columnOf, list } from './user-table.ts';

const OPTIONAL = ['is_active', 'date_joined', 'last_login'] as const;

/**
 * The users of a Django database and, where SimpleJWT's blacklist app is installed, the tokens that
 * are on its list.
 *
 * @param now epoch milliseconds; logouts of expired tokens are not read
 * @throws {SourceError} naming the existing tables and columns
 */
export async function readDjango(
  database: ForeignDatabase,
  { id = 'id', ...wanted }: Columns,
  now: number,
): Promise<Contents> {
  const tables = await database.tables();
  const { description } = database;
  const users = chooseUsers(tables, wanted, { one: 'table', place: description });
  const columns = columnsOf(users, id, wanted);
  const claims = await claimsOver(database, users, tables, wanted.claims ?? []);
  const outstanding = beside(users, tables, 'token_blacklist_outstandingtoken');
  const blacklisted = beside(users, tables, 'token_blacklist_blacklistedtoken');
  return {
    source: description,
    table: users.name,
    candidates: candidatesOf(database, users, columns, claims),
    given: {
      counter: await database.lastNumber(users, columns.id),
      inTokens: outstanding ? await highestIn(database, outstanding, wanted.userIdClaim) : 0,
    },
    logouts:
      outstanding && blacklisted
        ? await logoutsOf(database, outstanding, blacklisted, database.asTime(now))
        : [],
    factors: await factorsOver(database, users, tables, columns.id),
  };
}

type UserColumns = Readonly<Record<'id' | 'email' | 'password', string>> &
  Readonly<Partial<Record<(typeof OPTIONAL)[number] | 'username', string>>>;

function columnsOf(users: ForeignTable, id: string, { email, username }: Columns): UserColumns {
  const found = { id: columnOf(users, id), password: columnOf(users, 'password') };
  const address = columnOf(users, email);
  const missing = [
    ...(found.id === undefined ? [id] : []),
    ...(found.password === undefined ? ['password'] : []),
    ...(address === undefined ? [email] : []),
  ];
  if (found.id === undefined || found.password === undefined || address === undefined) {
    const key = users.primaryKey ? ` (the primary key is ${users.primaryKey})` : '';
    throw new SourceError(
      `Table ${users.name} has no column ${missing.join(', ')}. Columns there: ${list(users.columns)}. --id-column names the one with the ids${key}, --email-column the one with the e-mail addresses.`,
    );
  }
  const optional = OPTIONAL.flatMap((name) => {
    const column = columnOf(users, name);
    return column === undefined ? [] : [[name, column]];
  });
  return {
    id: found.id,
    password: found.password,
    email: address,
    ...Object.fromEntries(optional),
    ...(username !== undefined && {
      username: requiredColumn(users, username, '--username-column'),
    }),
  };
}

async function* candidatesOf(
  database: ForeignDatabase,
  users: ForeignTable,
  columns: UserColumns,
  claims: ClaimsOver,
): AsyncGenerator<Candidate> {
  const named = Object.entries(columns).map(([name, column]) => `${quote(column)} as ${name}`);
  const all = [...named, ...claims.select].join(', ');
  const rows = database.select(`select ${all} from ${reference(users)} order by 1`);
  const isKey = (users.primaryKey ?? columns.id) === columns.id;
  for await (const row of rows) yield { ...candidateOf(row), isKey, claims: claims.of(row) };
}

/** A user of Django's tables and dumps. A missing id is a fault, so that no other id is assigned. */
export const candidateOf = (row: Row): Candidate => ({
  place: `id ${row['id']}`,
  id: row['id'] === undefined || row['id'] === '' ? null : row['id'],
  email: row['email'],
  password: row['password'],
  isActive: row['is_active'],
  createdAt: row['date_joined'],
  lastLoginAt: row['last_login'],
  username: row['username'],
  fromDjango: row['from_django'],
});

/** A table of another app: in the schema of the users, else anywhere if its name is unique. */
const beside = (users: ForeignTable, tables: readonly ForeignTable[], name: string) =>
  tables.find(({ table, schema }) => table === name && schema === users.schema) ??
  tables.find((table) => table.name === name);

/**
 * The highest id in all issued tokens that were not flushed. Tokens of deleted users have the id only
 * in their text.
 */
async function highestIn(
  database: ForeignDatabase,
  outstanding: ForeignTable,
  userIdClaim: string | undefined,
): Promise<number> {
  const from = reference(outstanding);
  const hasOwner = columnOf(outstanding, 'user_id') !== undefined;
  const texts = `select null as user_id, token from ${from}`;
  const queries = hasOwner
    ? [`select distinct user_id, null as token from ${from}`, `${texts} where user_id is null`]
    : [texts];
  let highest = 0;
  for (const query of queries)
    for await (const row of database.select(query))
      highest = Math.max(highest, idInToken(row['user_id'], row['token'], userIdClaim));
  return highest;
}

/** The database joins and filters, because a list that was never flushed has millions of expired tokens. */
async function logoutsOf(
  database: ForeignDatabase,
  outstanding: ForeignTable,
  blacklisted: ForeignTable,
  now: unknown,
): Promise<Logout[]> {
  const logouts: Logout[] = [];
  const query = `select o.token as token from ${reference(outstanding)} o
    join ${reference(blacklisted)} b on b.token_id = o.id where o.expires_at > $1`;
  for await (const { token } of database.select(query, [now])) logouts.push(...logoutOf(token));
  return logouts;
}

/** The logout of a blacklisted token; none when the text is not a token. */
export function logoutOf(token: unknown): Logout[] {
  const claims = claimsIn(token);
  return claims ? [{ claims }] : [];
}

const quote = (name: string) => `"${name.replaceAll('"', '""')}"`;
const reference = ({ schema, table }: ForeignTable) => `${quote(schema)}.${quote(table)}`;
