import type { Candidate } from './candidate.ts';
import { createClaimReader } from './claim-columns.ts';
import { factorsIn } from './django-otp.ts';
import { candidateOf, logoutOf } from './django-tables.ts';
import type { Entry } from './dump-entry.ts';
import { readText } from './dump-file.ts';
import { parseEntries } from './dump-formats.ts';
import { idInToken } from './given-ids.ts';
import { type Columns, type Contents, SourceError } from './source.ts';
import { chooseUsers, columnOf, list, type Table } from './user-table.ts';

/**
 * Reads a dump of `manage.py dumpdata`, in any of its formats: the users and, if dumped too,
 * SimpleJWT's blacklist. A dump has no sequences, so it does not say which ids deleted users had.
 *
 * @param path at most 400 MiB unpacked, some 800,000 users
 * @throws {SourceError} naming the existing models
 */
export async function readDjangoDump(path: string, wanted: Columns): Promise<Contents> {
  const entries = await readEntries(path);
  const users = chooseUsers(modelsOf(entries), wanted, { one: 'model', place: path });
  const { name: model } = users;
  const ofUsers = entries.filter((entry) => entry.model === model);
  if (ofUsers.some(({ pk }) => pk === undefined || pk === null))
    throw new SourceError(
      `${path} was written with --natural-primary, which leaves the ids of ${model} out. Dump again without that option.`,
    );
  refuseTorn(path, users, ofUsers);
  const outstanding = entries.filter((entry) => entry.model === 'token_blacklist.outstandingtoken');
  const blacklisted = new Set(
    entries
      .filter((entry) => entry.model === 'token_blacklist.blacklistedtoken')
      .map(({ fields }) => String(fields['token'])),
  );
  const id = isPrimaryKey(users, wanted.id) ? undefined : fieldOf(users, wanted.id, 'id');
  // Other models name a user by the primary key.
  const ids = id && new Map(ofUsers.map(({ pk, fields }) => [String(pk), fields[id]]));
  const email = fieldOf(users, wanted.email, 'email');
  const username =
    wanted.username === undefined ? undefined : fieldOf(users, wanted.username, 'username');
  const claims = (wanted.claims ?? []).map(({ column, claim }) => ({
    column: fieldOf(users, column, 'claim'),
    claim,
  }));
  const groups = new Map(
    entries
      .filter((entry) => entry.model === 'auth.group')
      .map(({ pk, fields }) => [String(pk), String(fields['name'])]),
  );
  const readClaims = claims.length > 0 ? createClaimReader(claims) : undefined;
  const candidateIn = ({ pk, fields }: Entry): Candidate => ({
    ...candidateOf({
      ...fields,
      id: id === undefined ? pk : fields[id],
      email: fields[email],
      username: username === undefined ? undefined : fields[username],
    }),
    isKey: id === undefined,
    claims: readClaims?.({ ...fields, groups: groupsIn(fields['groups'], groups) }),
  });
  return {
    source: path,
    table: model,
    candidates: candidatesOf(ofUsers, candidateIn),
    given: {
      counter: undefined,
      inTokens: outstanding.reduce(
        (highest, { fields: { user, token } }) =>
          Math.max(highest, idInToken(user, token, wanted.userIdClaim)),
        0,
      ),
    },
    logouts: outstanding
      .filter(({ pk }) => blacklisted.has(String(pk)))
      .flatMap(({ fields }) => logoutOf(fields['token'])),
    factors: factorsIn(entries, (key) => (ids ? ids.get(String(key)) : key)),
  };
}

async function* candidatesOf(
  users: readonly Entry[],
  candidateIn: (user: Entry) => Candidate,
): AsyncGenerator<Candidate> {
  for (const user of users) yield candidateIn(user);
}

/** The names of groups; a dump with natural keys contains them, each in a list of its own. */
function groupsIn(value: unknown, names: ReadonlyMap<string, string>): unknown {
  if (!Array.isArray(value)) return value;
  return value.map((key: unknown) =>
    Array.isArray(key) ? String(key[0]) : (names.get(String(key)) ?? String(key)),
  );
}

/** A model has the fields that any of its rows has. */
function modelsOf(entries: readonly Entry[]): Table[] {
  const models = new Map<string, Set<string>>();
  for (const { model, fields } of entries) {
    const known = models.get(model);
    if (known) for (const name of Object.keys(fields)) known.add(name);
    else models.set(model, new Set(Object.keys(fields)));
  }
  return [...models].map(([name, fields]) => ({ name, columns: [...fields] }));
}

/**
 * A YAML list that is cut off after a line is still valid, and a user without `is_active` would count
 * as active. Django writes every field of every row, so a missing one means a torn file.
 */
function refuseTorn(path: string, { columns }: Table, users: readonly Entry[]): void {
  const torn = users.find(({ fields }) => columns.some((column) => !(column in fields)));
  if (torn)
    throw new SourceError(
      `${path}: ${torn.model} ${torn.pk} lacks fields that others of its model have. The file is cut off, or was changed by hand.`,
    );
}

/** A dump does not say what the primary key is called. */
const isPrimaryKey = (users: Table, name: string | undefined): name is undefined =>
  name === undefined || (/^(?:id|pk)$/i.test(name) && columnOf(users, name) === undefined);

const HINTS = {
  id: 'Without --id-column the primary key is taken.',
  email: '--email-column names the one with the e-mail addresses.',
  username: '--username-column names the one with the usernames.',
  claim: '--claims-columns names those that become claims.',
} as const;

function fieldOf(users: Table, name: string, what: keyof typeof HINTS): string {
  const field = columnOf(users, name);
  if (field !== undefined) return field;
  throw new SourceError(
    `Model ${users.name} has no field ${name}. Fields there: ${list(users.columns)}. ${HINTS[what]}`,
  );
}

async function readEntries(path: string): Promise<Entry[]> {
  try {
    return await parseEntries(await readText(path));
  } catch (error) {
    throw new SourceError(`${path}: ${error instanceof Error ? error.message : error}`);
  }
}
