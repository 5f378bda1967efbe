/** Columns of Django's users, and the groups they are in, as claims. */
import { type ClaimColumn, createClaimReader, GROUPS } from './claim-columns.ts';
import type { ForeignDatabase, ForeignTable, Row } from './foreign-database.ts';
import { SourceError } from './source.ts';
import { columnOf, list } from './user-table.ts';

export type ClaimsOver = {
  /** Further columns that the claims need. */
  readonly select: readonly string[];
  of(row: Row): Readonly<Record<string, unknown>> | undefined;
};

/** @throws {SourceError} naming the existing columns */
export function requiredColumn(users: ForeignTable, name: string, option: string): string {
  const column = columnOf(users, name);
  if (column !== undefined) return column;
  throw new SourceError(
    `Table ${users.name} has no column ${name}, which ${option} names. Columns there: ${list(users.columns)}.`,
  );
}

/** @throws {SourceError} when a column, or the tables of the groups, do not exist */
export async function claimsOver(
  database: ForeignDatabase,
  users: ForeignTable,
  tables: readonly ForeignTable[],
  wanted: readonly ClaimColumn[],
): Promise<ClaimsOver> {
  const isGroups = ({ column }: ClaimColumn) =>
    column === GROUPS && columnOf(users, GROUPS) === undefined;
  const columns = wanted
    .filter((each) => !isGroups(each))
    .map((each) => ({ ...each, column: requiredColumn(users, each.column, '--claims-columns') }));
  const groups = wanted.find(isGroups);
  const members = groups && (await membersOf(database, users, tables));
  // Under aliases, because a column may have the name that one of Django's has here.
  const aliased = columns.map((each, i) => ({ ...each, alias: `claim_${i}` }));
  const read = createClaimReader(aliased, users.booleans);
  return {
    select: aliased.map(({ column, alias }) => `${quote(column)} as ${alias}`),
    of(row) {
      if (wanted.length === 0) return undefined;
      const claims = read(row);
      const names = members?.(row['id']);
      if (groups && names) claims[groups.claim] = names;
      return claims;
    },
  };
}

/** The names of a user's groups, by the primary key of the user. */
async function membersOf(
  database: ForeignDatabase,
  users: ForeignTable,
  tables: readonly ForeignTable[],
): Promise<(id: unknown) => readonly string[] | undefined> {
  const of = (name: string) =>
    tables.find(({ table, schema }) => table === name && schema === users.schema);
  const [joining, groups] = [of(`${users.table}_groups`), of('auth_group')];
  const owner = joining?.columns.find((name) => name !== 'id' && name !== 'group_id');
  if (!joining || !groups || owner === undefined)
    throw new SourceError(
      `${database.description} has no tables ${users.table}_groups and auth_group, which "groups" in --claims-columns needs.`,
    );
  const names = new Map<string, string>();
  for await (const row of database.select(`select id, name from ${reference(groups)}`))
    names.set(String(row['id']), String(row['name']));
  // One row per user, and one list for all users with the same groups.
  const lists = new Map<string, readonly string[]>();
  const members = new Map<string, readonly string[]>();
  const query = `select ${quote(owner)} as owner, ${database.joined('group_id')} as ids
    from ${reference(joining)} group by 1`;
  for await (const row of database.select(query)) {
    const ids = String(row['ids']);
    const list =
      lists.get(ids) ??
      ids
        .split(',')
        .flatMap((id) => names.get(id) ?? [])
        .sort();
    lists.set(ids, list);
    members.set(String(row['owner']), list);
  }
  return (id) => members.get(String(id));
}

const quote = (name: string) => `"${name.replaceAll('"', '""')}"`;
const reference = ({ schema, table }: ForeignTable) => `${quote(schema)}.${quote(table)}`;
