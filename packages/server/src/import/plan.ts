import type { PublicId } from '../config/public-id.ts';
import type { Present } from '../users/arrival-store.ts';
import type { Arrival } from '../users/user.ts';
import { type AppPlan, planApps } from './apps.ts';
import { arrivalOf, type Candidate, type Fault, type FaultCode, idOf } from './candidate.ts';
import { floorAbove, type IdFloor } from './given-ids.ts';
import { type Contents, type Logout, SourceError } from './source.ts';
import type { CodeRules } from './static-codes.ts';

/** The plan of an import; nothing is written yet. */
export type Plan = Pick<Contents, 'source' | 'table'> & {
  /** How many rows the source has. */
  readonly rows: number;
  readonly arrivals: readonly Arrival[];
  /** Rows whose account exists already, with the same id and address. */
  readonly present: number;
  /** The ids of new and existing accounts, if the source names them. */
  readonly ids: ReadonlySet<PublicId>;
  readonly faults: readonly Fault[];
  /** New accounts get ids above it. */
  readonly idFloor: IdFloor;
  readonly logouts: readonly Logout[];
  readonly apps: AppPlan;
};

type Around = {
  /** Existing accounts that share an id, an address or a username with these. */
  readonly findPresent: (arrivals: readonly Arrival[]) => Promise<readonly Present[]>;
  /** The name of the user's id in tokens. */
  readonly userIdClaim: string;
  /** Epoch milliseconds. */
  readonly now: number;
  /** The highest id that the source has ever assigned, if the operator knows it. */
  readonly idsAbove?: number | undefined;
  readonly codeRules: CodeRules;
  /** How many rows may be held in memory. */
  readonly mostRows: number;
};

/**
 * Sorts the rows of a source into new accounts, existing accounts and faults. Rows that share an
 * address, an id or a username are all faults, because only the operator knows which one is right.
 *
 * @throws {SourceError} when the source cannot be read to its end
 */
export async function planImport(contents: Contents, around: Around): Promise<Plan> {
  const { source, table, logouts, given, factors = NO_FACTORS } = contents;
  const { rows, readable, faults, highestId } = await readAll(contents, around);
  const blame = blameIn(faults);
  const single = withoutRepeated(readable, blame);
  const known = await around.findPresent(single.map(({ arrival }) => arrival));
  const byEmail = new Map(known.map((each) => [each.email, each]));
  const takenIds = new Set<PublicId | undefined>(known.map(({ id, uuid }) => uuid ?? id));
  const takenNames = new Set(known.flatMap(({ username }) => username ?? []));
  const arrivals: Arrival[] = [];
  const here: Arrival[] = [];
  for (const row of single) {
    const { arrival } = row;
    const id = broughtBy(arrival);
    const holder = byEmail.get(arrival.email.canonical);
    if (holder) {
      if (id === undefined || (holder.uuid ?? holder.id) === id) here.push(arrival);
      else blame(row, 'email_taken');
    } else if (id !== undefined && takenIds.has(id)) blame(row, 'id_taken');
    else if (takenNames.has(arrival.username?.canonical ?? '')) blame(row, 'username_taken');
    else arrivals.push(arrival);
  }
  const arriving = new Set(arrivals.flatMap((each) => broughtBy(each) ?? []));
  const present = new Set(here.flatMap((each) => broughtBy(each) ?? []));
  const ids = arriving.union(present);
  const apps = planApps(factors, arriving, present, around.codeRules);
  const idFloor = floorAbove(highestId, given, around.idsAbove);
  const counted = { rows, arrivals, present: here.length, faults };
  return { source, table, ...counted, ids, idFloor, logouts, apps };
}

const NO_FACTORS = { factors: [], codes: [] };

const broughtBy = ({ id, uuid }: Arrival): PublicId | undefined => uuid ?? id;

type Readable = { readonly place: string; readonly email: string; readonly arrival: Arrival };
type Blame = (row: Omit<Readable, 'arrival'>, code: FaultCode) => void;

const blameIn =
  (faults: Fault[]): Blame =>
  ({ place, email }, code) => {
    faults.push({ place, email, code });
  };

/** @returns every row as an account or a fault, and the highest id among all of them */
async function readAll(contents: Contents, { now, mostRows, userIdClaim }: Around) {
  const faults: Fault[] = [];
  const readable: Readable[] = [];
  const blame = blameIn(faults);
  let [rows, highestId] = [0, 0];
  for await (const candidate of contents.candidates) {
    if (++rows > mostRows) throw tooMany(contents, mostRows);
    const id = idOf(candidate.id);
    if (typeof id === 'number' && id > highestId) highestId = id;
    const arrival = arrivalOf(candidate, now, userIdClaim);
    const { place } = candidate;
    if (typeof arrival === 'string') blame({ place, email: shown(candidate) }, arrival);
    else readable.push({ place, email: arrival.email.typed, arrival });
  }
  return { rows, readable, faults, highestId };
}

const shown = ({ email }: Candidate) => (typeof email === 'string' ? email.slice(0, 254) : '');

const tooMany = ({ source }: Contents, mostRows: number) =>
  new SourceError(
    `${source} has more than ${mostRows} rows, which do not fit into the memory of this process. Give it more with NODE_OPTIONS=--max-old-space-size=MEGABYTES.`,
  );

function withoutRepeated(rows: readonly Readable[], blame: Blame): Readable[] {
  const emails = count(rows.map(({ arrival }) => arrival.email.canonical));
  const ids = count(rows.flatMap(({ arrival }) => broughtBy(arrival) ?? []));
  const names = count(rows.flatMap(({ arrival }) => arrival.username?.canonical ?? []));
  return rows.filter((row) => {
    const { email, username } = row.arrival;
    if ((emails.get(email.canonical) ?? 0) > 1) blame(row, 'duplicate_email');
    else if ((ids.get(broughtBy(row.arrival) ?? 0) ?? 0) > 1) blame(row, 'duplicate_id');
    else if ((names.get(username?.canonical ?? '') ?? 0) > 1) blame(row, 'duplicate_username');
    else return true;
    return false;
  });
}

function count<T>(values: readonly T[]): ReadonlyMap<T, number> {
  const counts = new Map<T, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}
